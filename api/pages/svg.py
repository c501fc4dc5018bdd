"""Writing SVG: elements as text, escaped, with short numbers."""

from markupsafe import Markup, escape


def element(name: str, *content: Markup | str, **attributes: str | float | None) -> Markup:
    """Return an element. `class_` is written `class`, other `_` as `-`; None leaves an attribute out.

    >>> str(element("text", "a < b", x=1.25, text_anchor="end"))
    '<text x="1.2" text-anchor="end">a &lt; b</text>'
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value) if isinstance(value, str) else number(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(one if isinstance(one, Markup) else escape(one) for one in content)
    return Markup(f"<{name}{said}>{inner}</{name}>" if inner else f"<{name}{said}/>")


def number(value: float) -> str:
    """Return a number with at most one decimal.

    >>> number(12), number(0.25)
    ('12', '0.2')
    """
    return f"{value:.1f}".removesuffix(".0")
