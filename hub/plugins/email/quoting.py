"""What was written above the quote, in English and Chinese mail programs."""

from __future__ import annotations

import re

# Stands in every mail of the hub; whatever a program makes of it, these words stay.
DELIMITER = re.compile(r"请在此行以上回复|Reply above this line", re.I)
# A quote begins here and reaches to the end.
_BEGINS = re.compile(
    r"""^\s*(?:
      -{2,}\s*(?:Original\ Message|Forwarded\ message|Ursprüngliche\ Nachricht
        |原始邮件|原邮件|邮件原件|转发的邮件|转发邮件信息|Original)\s*-{2,}.*
    | _{20,}
    | On\ .{6,120}\ wrote:
    | Am\ .{6,120}\ schrieb\ .{1,80}:
    | Le\ .{6,120}\ a\ écrit\s?:
    | (?:在|于)\s?.{4,120}(?:写道|寫道|写到)\s*[:：]
    | .{0,80}\d{4}\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2}.{0,80}(?:写道|寫道|写到)\s*[:：]
    | At\ \d{4}-\d\d-\d\d\ .{4,100}\ wrote:
    )\s*$""",
    re.X | re.I,
)
_FROM = re.compile(r"^\s*[*>]?\s*(?:From|Von|De|发件人|寄件者|寄件人)\s*[:：]\s*\*?\s*\S", re.I)
_OTHER_FIELDS = re.compile(
    r"^\s*\*?\s*(?:Sent|Date|To|Subject|Cc|Gesendet|An|Betreff|发送时间|发送日期|日期|收件人|抄送|主题|寄件日期|收件者|主旨|时间)\s*[:：]",
    re.I,
)
_WRAPPED = re.compile(r"^\s*(?:On\s.{3,100}|在.{2,100})$")
_QUOTED = re.compile(r"^\s*>")
# A line that says to whom the words above belong: mobile signatures.
_SENT_FROM = re.compile(r"^\s*(?:Sent from my \S+.{0,40}|发自我的.{0,40}|从我的.{1,20}发送)\s*$", re.I)
LOOK_AT = 5000  # lines


def above_quote(text: str) -> str:
    """The part of a mail that its sender wrote; all of it where nothing stands above a quote."""
    lines = text.splitlines()[:LOOK_AT]
    end = next((at for at in range(len(lines)) if _begins_quote(lines, at)), len(lines))
    own = lines[:end]
    if end == len(lines):
        own = _without_trailing_quote(own)
    while own and (not own[-1].strip() or _SENT_FROM.match(own[-1]) or own[-1].strip() in ("--", "-- ")):
        own.pop()
    written = "\n".join(own).strip()
    if not any(line.strip() and not _QUOTED.match(line) for line in own):
        return text.strip()  # the answer stands below the quote, or there is none: nothing may be lost
    return written if len(lines) == len(text.splitlines()) or end < len(lines) else text.strip()


def _begins_quote(lines: list[str], at: int) -> bool:
    line = lines[at]
    if len(line) > 400:
        return False
    if DELIMITER.search(line):
        return True
    bare = line.lstrip("> ") if _QUOTED.match(line) else line
    if _BEGINS.match(bare):
        return True
    if _FROM.match(line):
        return sum(bool(_OTHER_FIELDS.match(other)) for other in lines[at + 1 : at + 7]) >= 2
    if _WRAPPED.match(line) and at + 1 < len(lines):
        return bool(_BEGINS.match(f"{line.strip()} {lines[at + 1].strip()}"))
    return False


def _without_trailing_quote(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and (not lines[end - 1].strip() or _QUOTED.match(lines[end - 1])):
        end -= 1
    # What is quoted between answers is part of them.
    return lines[:end] if any(_QUOTED.match(line) for line in lines[end:]) else lines
