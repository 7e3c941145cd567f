"""How the page looks."""

from __future__ import annotations

TITLE = "简报档案"
STYLE = """<style>
.stMainBlockContainer { max-width: 860px; padding: 2.2rem 2rem 4rem; }
.stMainBlockContainer:has(.st-key-viewer) { max-width: 1240px; }
.st-key-desk > * > .stHorizontalBlock > .stColumn:last-child:not(:has(.st-key-viewer)) {
  display: none; }
.stHtml { line-height: 1.75; text-wrap: pretty; }
.masthead h1, .answer { font-family: 'Songti SC', 'Noto Serif CJK SC', 'Source Han Serif SC',
  STSong, serif; }
.masthead h1 { font-size: 2rem; letter-spacing: .12em; padding: 0; margin: 0; font-weight: 600; }
.masthead p, .note, .meta, .source { color: #756e63; font-size: .875rem; margin: 0; }
.card { border-top: 1px solid #e2ddd3; padding-top: .9rem; }
.card h3 { font-size: 1.08rem; line-height: 1.5; padding: .1rem 0 .35rem; margin: 0; }
.card h3 span { color: #756e63; font-weight: 400; }
.card p { margin: 0; text-align: justify; }
.stHtml h2.group { font-size: 1.15rem; padding: .6rem 0 0; margin: 0; }
.topics span { display: inline-block; margin: .4rem .4rem 0 0; padding: 0 .5rem; font-size: .78rem;
  background: #f0ece4; color: #5d574e; border-radius: 3px; }
mark { background: #fbe9a0; color: inherit; padding: 0 1px; border-radius: 2px; }
.answer { font-size: 1.12rem; line-height: 1.95; border-left: 3px solid #8c2f21;
  padding-left: 1.1rem; margin-bottom: .6rem; }
.answer p { margin: 0 0 .7rem; text-align: justify; }
.answer p:last-child { margin: 0; }
.answer sup, .citation b { color: #8c2f21; font-weight: 500; }
.answer sup { font-family: sans-serif; font-size: .72em; padding-left: .1em; }
.citation { font-size: .94rem; }
.status { font-size: .78rem; padding: 0 .5rem; border-radius: 3px; margin-left: .5rem;
  vertical-align: 2px; font-weight: 400; background: #f0ece4; color: #5d574e; }
.status.partly, .draft .changed { background: #fbe9a0; color: #4d4210; }
.status.new, .draft .new { background: #dcebdc; color: #23402a; }
.draft { text-align: justify; }
.draft .stands { color: #9a9388; }
.draft .reworded { color: #756e63; }
.legend span { margin-right: .8rem; padding: 0 .25rem; }
.change b { font-weight: 600; }
.st-key-viewer img { border: 1px solid #e2ddd3; box-shadow: 0 2px 14px #26231f14; }
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
    background: #fdfcfa; }
}
.st-key-unfiltered { display: none; }
.stHorizontalBlock:has(> .stElementContainer .upload) {
  border-top: 1px solid color-mix(in srgb, currentColor 14%, transparent); padding-top: .5rem; }
.st-key-hand-in-zh .stFileUploader button p, .st-key-hand-in-zh
  [data-testid='stFileUploaderDropzoneInstructions'] span { font-size: 0; }
.st-key-hand-in-zh .stFileUploader button p::after { content: '选择文件'; font-size: .875rem; }
.st-key-hand-in-zh [data-testid='stFileUploaderDropzoneInstructions'] span::after {
  content: '或拖到这里'; font-size: .875rem; }
.upload p { margin: 0; overflow-wrap: anywhere; }
.upload .outcome { font-size: .78rem; padding: 0 .5rem; border-radius: 3px; margin-left: .5rem;
  white-space: nowrap; background: color-mix(in srgb, currentColor 10%, transparent); }
.upload .outcome.new, .upload .outcome.replaced { background: rgb(64 150 90 / .22); }
.upload .outcome.failed { background: rgb(200 62 40 / .2); }
.upload .outcome.reading, .upload .outcome.storing { background: rgb(220 170 40 / .26); }
.upload .cure, .upload .more { font-size: .875rem; opacity: .8; }
</style>"""
# Run by the browser when it changes, which is when another page of results is shown.
SCROLL_UP = "<script>document.querySelector('.stMain').scrollTo(0, 0) // {page}</script>"
