"""How the page looks, in light and dark: colours are shades of the text's own and tints."""

from __future__ import annotations

TITLE = "简报档案"
STYLE = """<style>
:root { --faint: color-mix(in srgb, currentColor 62%, transparent);
  --line: color-mix(in srgb, currentColor 16%, transparent);
  --chip: color-mix(in srgb, currentColor 8%, transparent);
  --mark: #f5cf3a66; --fresh: #4da06a40; --wrong: #c0392b40;
  --accent: #a33a2a; }
@media (prefers-color-scheme: dark) {
  :root { --accent: #e08a78; }
  button[kind^=primary] p { color: #1b1a18; }
}
.stMainBlockContainer { max-width: 860px; padding: 2.2rem 2rem 4rem; }
.stMainBlockContainer:has(.st-key-viewer) { max-width: 1240px; }
.st-key-desk > * > .stHorizontalBlock > .stColumn:last-child:not(:has(.st-key-viewer)) {
  display: none; }
.stHtml { line-height: 1.75; text-wrap: pretty; }
.masthead h1, .answer { font-family: 'Songti SC', 'Noto Serif CJK SC', 'Source Han Serif SC',
  STSong, serif; }
.masthead h1 { font-size: 2rem; letter-spacing: .12em; padding: 0; margin: 0; font-weight: 600; }
.masthead p, .note, .meta, .source { opacity: .72; font-size: .875rem; margin: 0; }
.st-key-masthead > :first-child { flex: 1; }
.card { border-top: 1px solid var(--line); padding-top: .9rem; }
.card h3 { font-size: 1.08rem; line-height: 1.5; padding: .1rem 0 .35rem; margin: 0; }
.card h3 span { font-weight: 400; }
.card p { margin: 0; text-align: justify; }
.stHtml h2.group { font-size: 1.15rem; padding: .6rem 0 0; margin: 0; }
.topics span { display: inline-block; margin: .4rem .4rem 0 0; padding: 0 .5rem; font-size: .78rem;
  background: var(--chip); border-radius: 3px; }
mark { background: var(--mark); color: inherit; padding: 0 1px; border-radius: 2px; }
.answer { font-size: 1.12rem; line-height: 1.95; border-left: 3px solid var(--accent);
  padding-left: 1.1rem; margin-bottom: .6rem; }
.answer p { margin: 0 0 .7rem; text-align: justify; }
.answer p:last-child { margin: 0; }
.answer sup, .citation b { color: var(--accent); font-weight: 500; }
.answer sup { font-family: sans-serif; font-size: .72em; padding-left: .1em; }
.citation { font-size: .94rem; }
.status { font-size: .78rem; padding: 0 .5rem; border-radius: 3px; margin-left: .5rem;
  vertical-align: 2px; font-weight: 400; background: var(--chip); }
.status.partly, .draft .changed { background: var(--mark); }
.status.new, .draft .new { background: var(--fresh); }
.draft { text-align: justify; }
.draft .stands { opacity: .66; }
.draft .reworded { opacity: .8; }
.legend { opacity: 1; }
.legend span { margin-right: .8rem; padding: 0 .25rem; }
.change b { font-weight: 600; }
.st-key-view [role=radiogroup] { flex-wrap: wrap; row-gap: .3rem; }
.st-key-limits button, .st-key-inferred button { min-height: 1.9rem; padding: 0 .5rem;
  border-radius: 1rem; }
.st-key-viewer img { border: 1px solid var(--line); box-shadow: 0 2px 14px #26231f14; }
@media (min-width: 901px) {
  .stColumn:has(.st-key-viewer) { position: sticky; top: 1rem; align-self: flex-start;
    max-height: calc(100vh - 2rem); overflow-y: auto; }
}
@media (max-width: 900px) {  /* the page of the PDF covers a small screen until it is closed */
  .stMainBlockContainer { padding: 1.2rem 1rem 3rem; }
  .masthead h1 { font-size: 1.6rem; }
  .st-key-desk > * > .stHorizontalBlock { flex-wrap: wrap; }
  .st-key-desk > * > .stHorizontalBlock > .stColumn { min-width: 100%; }
  .st-key-viewer { position: fixed; inset: 0; z-index: 1000000; overflow-y: auto; padding: 1rem;
    background: Canvas; }
}
.st-key-unfiltered, [class*=st-key-scripts], [data-testid=InputInstructions] { display: none; }
.calendar { width: 100%; table-layout: fixed; border-collapse: separate; border-spacing: 3px; }
.calendar caption { caption-side: top; text-align: left; padding: 0 0 .3rem; font-weight: 600; }
.calendar th { font-weight: 400; font-size: .82rem; opacity: .7; border: 0; padding: .1rem; }
.calendar td { height: 2.7rem; padding: 0; text-align: center; border: 1px solid transparent;
  border-radius: 4px; font-variant-numeric: tabular-nums; }
.calendar td:empty { border: 0; }
.calendar td.has { background: var(--chip); }
.calendar td.has a { color: inherit; text-underline-offset: 3px; }
.calendar td:not(.lacks).has > a:only-child { display: grid; place-content: center;
  height: 100%; width: 100%; }
.calendar td.has a:hover { background: var(--line); }
.calendar td.lacks { border: 1px dashed currentColor; }
.calendar small { font-size: .72rem; opacity: .8; }
.calendar i { font-style: normal; padding: .25rem; }
.briefing h2 { font-size: 1.6rem; padding: 0; margin: 0; }
.reading { line-height: 1.9; }
.reading p { margin: 0 0 .6rem; text-align: justify; }
.reading h3, .reading h4, .reading h5, .reading h6 { font-size: 1.05rem; padding: .6rem 0 .2rem;
  margin: 0; }
.reading h3 { font-size: 1.18rem; }
.reading .meta { font-weight: 400; font-size: .8rem; }
.plain { margin: 0; padding-left: 1.6rem; }
.plain li { margin: 0 0 .35rem; overflow-wrap: anywhere; }
[class*="st-key-outline-2"] { padding-left: 1.6rem; }
[class*="st-key-outline-3"] { padding-left: 3.2rem; }
[class*="st-key-outline-4"] { padding-left: 4.8rem; }
[class*="st-key-outline-"] button, .st-key-stories-of button { text-align: left;
  justify-content: flex-start; min-height: 2.2rem; }
.stHtml .facts { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem;
  margin: 0; padding: 0; }
.stHtml .facts dt { margin: 0; padding: 0; opacity: .7; }
.stHtml .facts dd { margin: 0; overflow-wrap: anywhere; }
[class*="st-key-missing-"] button { min-height: 1.6rem; }
.stHtml .run { margin: 0; }
.checks { border-collapse: collapse; width: 100%; }
.checks td, .checks th { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0;
  border: 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.checks th { font-weight: 600; min-width: 4.5em; }
.verdict { white-space: nowrap; padding: .05rem .45rem; border-radius: 3px;
  background: var(--fresh); }
.checks .warn .verdict { background: var(--mark); }
.checks .fail .verdict { background: var(--wrong); }
[class*="st-key-upload-row"] {
  border-top: 1px solid var(--line); padding-top: .5rem; }
.st-key-hand-in-zh .stFileUploader button p, .st-key-hand-in-zh
  [data-testid='stFileUploaderDropzoneInstructions'] span { font-size: 0; }
.st-key-hand-in-zh .stFileUploader button p::after { content: '选择文件'; font-size: .875rem; }
.st-key-hand-in-zh [data-testid='stFileUploaderDropzoneInstructions'] span::after {
  content: '或拖到这里'; font-size: .875rem; }
.upload p { margin: 0; overflow-wrap: anywhere; }
.upload .outcome { font-size: .78rem; padding: 0 .5rem; border-radius: 3px; margin-left: .5rem;
  white-space: nowrap; background: var(--chip); }
.upload .outcome.new, .upload .outcome.replaced { background: var(--fresh); }
.upload .outcome.failed { background: var(--wrong); }
.upload .outcome.reading, .upload .outcome.storing { background: var(--mark); }
.upload .cure, .upload .more { font-size: .875rem; opacity: .8; }
</style>"""
# Run by the browser when it changes, which is when another page of results is shown.
SCROLL_UP = "<script>document.querySelector('.stMain').scrollTo(0, 0) // {page}</script>"
FOCUS = """<script>(function focus(tries) {
  const box = document.querySelector("[data-testid=stTextInputField]");
  box ? box.focus() : tries && setTimeout(focus, 100, tries - 1);
})(50)</script>"""
