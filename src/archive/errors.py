"""What can go wrong, each with what happened, which thing it concerns, and the cure."""

from archive.untrusted_text import on_one_line


class ArchiveError(Exception):
    """A failure to tell the user about: `message` says what and which, `cure` what to do."""

    exit_code = 1

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}\n  cure: {self.cure}" if self.cure else self.message


class UsageError(ArchiveError):
    """An argument or a setting is wrong."""

    exit_code = 2


class DamagedCatalogueError(ArchiveError):
    """The catalogue's file can't be read as far as its own structure."""


class BusyError(ArchiveError):
    """Another process is writing to the archive or owns its Chroma folder."""

    exit_code = 5


class TooManyReportsError(ArchiveError):
    """As many reports of wrong answers wait for the staff as are kept."""


class LanguageModelError(ArchiveError):
    """The language model gave no complete answer; `message` is in Chinese, for the reader."""


class ReadError(ArchiveError):
    """A file that can't be read as a briefing; `code` is one of the contract's failure codes."""

    def __init__(self, code: str, message: str, cure: str = "") -> None:
        super().__init__(message, cure)
        self.code = code

    @property
    def cure_zh(self) -> str:
        """The cure in Chinese."""
        return CURES_ZH[self.code]

    def __str__(self) -> str:
        cures = f"  cure: {self.cure}\n  办法：{self.cure_zh}"
        return f"{on_one_line(self.message)}\n{cures}"  # a file's name may hold anything

    def __reduce__(self) -> tuple[type["ReadError"], tuple[str, str, str]]:
        """Survive the way back from a worker process."""
        return ReadError, (self.code, self.message, self.cure)


def removed_briefing(briefing_id: str) -> UsageError:
    """A briefing that was removed can't be shown."""
    return UsageError(
        f"the briefing {briefing_id!r} was removed",
        f"`archive restore {briefing_id}` brings it back",
    )


def unknown_briefing(briefing_id: str) -> UsageError:
    """An id that no briefing of the archive has."""
    return UsageError(
        f"there is no briefing {briefing_id!r} in the archive", "`archive list` shows the ids"
    )


CURES_ZH = {
    "not_found": "找不到该文件，请检查路径。",
    "unreadable": "文件无法读取，请检查文件权限和磁盘。",
    "not_a_pdf": "文件不是 PDF，请将文档导出为 PDF 后再试。",
    "too_large": "文件过大或页数过多：请拆分文件或压缩图片后再试，"
    "或用 --max-size、--max-pages 放宽限制。",
    "encrypted": "文件已加密：请用 --password 或 --password-file 提供密码，"
    "或另存一份不加密的副本。",
    "damaged": "PDF 已损坏：请用阅读器打开后另存或打印为新的 PDF，或重新获取该文件。",
    "no_text": "页面上没有文字，可能是扫描件：请安装 ocr 扩展（文字识别），或导出带文字的 PDF。",
    "garbled": "文字无法解码（字体缺少字符对照表）：请换用 Unicode 字体重新导出，或安装 ocr 扩展。",
    "no_date": "找不到日期：请用 --date 2026-05-07 指定，或把日期写进文件名。",
    "timeout": "读取超时：请用 --timeout 延长时限，或用阅读器打印为新的 PDF 后再试。",
    "out_of_memory": "读取所需内存超限：请拆分文件，或用阅读器打印为新的 PDF 后再试，"
    "或用 --max-memory 放宽限制。",
    "crashed": "读取时程序出错：请用阅读器另存为新的 PDF 后再试，并报告此文件。",
}
"""What to do about a file that can't be read, by the code of its failure."""
