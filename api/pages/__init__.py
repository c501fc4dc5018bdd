"""What people see. Read `render` first (whole pages), then `rows` (an announcement in words) and `drawing`.

The drawing is made in four steps: `scale` lays out the axis, `shapes` says what a date looks like on it, `layout` gives
every announcement its place, `drawing` writes the SVG.
"""
