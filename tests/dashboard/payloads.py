"""Two hundred names made to be taken for markup, code or something else than they are."""

from __future__ import annotations

from itertools import product

_MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<a href='http://evil.example'>gpt-4o</a>",
    "<style>*{display:none}</style>",
    "</text><script>alert(1)</script>",
    "<!--",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[gpt-4o](javascript:alert(1))",
    "[gpt-4o](http://evil.example)",
    "![](http://evil.example/pixel.png)",
    "![x](https://evil.example/?q=1)",
    "<http://evil.example>",
    "$\\href{javascript:alert(1)}{x}$",
    "$$\\int_0^1 x^2$$",
    ":red[gpt-4o]",
    ":material/warning:",
    ":red-background[down]",
    "**bold** _italic_ ~~gone~~ `code`",
    "# heading\n\n- item",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "```\ncode\n```",
    "{{7*7}} ${7*7} #{7*7} %s %n {0}",
    "=HYPERLINK('http://evil.example')",
)
_DISGUISES = (
    "{}",
    "gpt-4o {}",
    "\u202e{}\u202c",
    "{}\u0000\u001b[31m",
    "\u200b{}\ufeff",
    "\u2066{}\u2069\r\n",
    "\t{} \u2028",
    "{}" + "x" * 5_000,
)
PAYLOADS = tuple(disguise.replace("{}", markup) for markup, disguise in product(_MARKUP, _DISGUISES))
