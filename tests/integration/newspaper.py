"""Pages of a newspaper that does not exist, as such papers write them."""

import json
from typing import Any

WORDS = (
    "The harbour authority said on Monday that the new port will open on 4 May 2026, after a delay of two years.",
    "A second terminal is planned for 2027, the authority said. It would cost $40 million.",
    "Residents were told last week that the road would be closed from Thursday.",
)
FURNITURE = ("Home", "cookies", "newsletter", "All rights reserved", "said a reader", "Related", "var tracked")


def page(
    *,
    head: str = "",
    byline: str = "",
    words: tuple[str, ...] = WORDS,
    title: str = "Port to open in May",
    lang: str = ' lang="en-GB"',
) -> bytes:
    """Return a page with an article among everything else that pages have."""
    paragraphs = "\n".join(f"<p>{one}</p>" for one in words)
    return f"""<!doctype html>
<html{lang}><head><meta charset="utf-8"><title>{title} - The Harbour Post</title>{head}
<script>var tracked = "datePublished: 1999-01-01";</script><style>p {{ color: red }}</style></head>
<body><header><nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li></ul></nav></header>
<div id="cookie-banner">We use cookies. <button>Accept all</button></div>
<main><article><header><h1>{title}</h1>{byline}</header>
{paragraphs}
<div class="newsletter-signup"><p>Sign up for our newsletter</p></div>
<aside><h3>Related stories</h3><a href="/1">Old port closes</a> <time datetime="2011-01-01">1 January</time></aside>
</article><section id="comments"><p>Great news, said a reader of this page in 2019.</p></section></main>
<footer><p>Copyright 2026. All rights reserved.</p><time datetime="2010-01-01">1 January</time></footer>
</body></html>""".encode()


def linked(data: Any) -> str:
    """Return JSON-LD as a page has it."""
    return f'<script type="application/ld+json">{data if isinstance(data, str) else json.dumps(data)}</script>'


def meta(name: str, content: str, *, key: str = "name") -> str:
    """Return a meta tag."""
    return f'<meta {key}="{name}" content="{content}">'


def rss(*items: tuple[str, str, str | None], base: str = "https://post.example/") -> bytes:
    """Return a feed of items: path, title, and when it was published, if that is said."""
    listed = "".join(
        f'<item><title>{title}</title><link>{base}{path}</link><guid isPermaLink="false">post:{path}</guid>'
        + (f"<pubDate>{published}</pubDate>" if published else "")
        + "</item>\n"
        for path, title, published in items
    )
    head = '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>The Harbour Post</title>'
    return f"{head}<link>{base}</link>{listed}</channel></rss>".encode()
