/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "svg.h"

#include "text.h"

/* Plain colours and one media query, no variables: what knows neither (librsvg, Inkscape) shows it too, as on white.
 * The picture has a ground of its own, so that text is readable on any page. */
static const char
    style[] = "text{font-family:system-ui,'Segoe UI','Helvetica Neue',Arial,'DejaVu Sans',sans-serif;\n"
              "font-size:11px;fill:#1f2328}\n"
              ".mono{font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:10.5px}\n"
              ".title{font-size:18px;font-weight:600}.big{font-size:15px;font-weight:600}\n"
              ".bus-title{font-size:12px;font-weight:600}.device{font-weight:600}\n"
              ".dim{fill:#59636e}.word-free{fill:#116329;font-weight:600}.word-off,.word-warning{fill:#8a4600}\n"
              ".ground{fill:#ffffff;stroke:#d1d9e0}.bus{fill:#f6f8fa;stroke:#afb8c1}\n"
              ".used{fill:#dbeafe;stroke:#1d6fd1}.free{fill:#dafbe1;stroke:#1a7f37;stroke-dasharray:4 2}\n"
              ".next{fill:#aceebb;stroke:#1a7f37;stroke-width:2.5}\n"
              ".off{fill:#fff1dc;stroke:#b35900;stroke-dasharray:1 2}.fixed{fill:#e6eaef;stroke:#818b98}\n"
              ".implied{fill:none;stroke:#818b98;stroke-dasharray:2 3}.dotted{stroke-dasharray:2 3}\n"
              ".bar-used{fill:#1d6fd1}.bar-free{fill:#2da44e}.bar-none{fill:#d1d9e0}\n"
              "@media (prefers-color-scheme:dark){\n"
              "text{fill:#f0f6fc}\n"
              ".dim{fill:#9ea7b1}.word-free{fill:#7ee787}.word-off,.word-warning{fill:#f0b35a}\n"
              ".ground{fill:#0d1117;stroke:#3d444d}.bus{fill:#151b23;stroke:#4b535d}\n"
              ".used{fill:#0f2a4d;stroke:#58a6ff}.free{fill:#0c2d17;stroke:#3fb950}\n"
              ".next{fill:#17542a;stroke:#56d364}.off{fill:#35230b;stroke:#d29922}\n"
              ".fixed{fill:#262c36;stroke:#7d8590}.implied{fill:none;stroke:#7d8590}\n"
              ".bar-used{fill:#58a6ff}.bar-free{fill:#3fb950}.bar-none{fill:#3d444d}\n"
              "}\n";

static char *
escape (const char *text)
{
  g_autofree char *clean = text_clean (text);
  return g_markup_escape_text (clean, -1);
}

void
svg_begin (GString *out, int width, int height, const char *title, const char *description)
{
  g_autofree char *escaped_title = escape (title);
  g_autofree char *escaped_description = escape (description);

  g_string_append (out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  g_string_append_printf (out,
                          "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                          " role=\"img\" aria-labelledby=\"title description\">\n",
                          width, height, width, height);
  g_string_append_printf (out, "<title id=\"title\">%s</title>\n<desc id=\"description\">%s</desc>\n", escaped_title,
                          escaped_description);
  g_string_append_printf (out, "<style>\n%s</style>\n", style);
}

void
svg_end (GString *out)
{
  g_string_append (out, "</svg>\n");
}

void
svg_text (GString *out, int x, int y, SvgAlign align, const char *class, guint columns, const char *text)
{
  g_autofree char *clean = text_clean (text);
  g_autofree char *clipped = text_clip (clean, columns, FALSE);
  g_autofree char *escaped = escape (clipped);

  g_string_append_printf (out, "<text x=\"%d\" y=\"%d\" class=\"%s\"%s>%s</text>\n", x, y, class,
                          align == SVG_ALIGN_RIGHT ? " text-anchor=\"end\"" : "", escaped);
}

void
svg_rect (GString *out, int x, int y, int width, int height, int radius, const char *class)
{
  g_string_append_printf (out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\" class=\"%s\"/>\n", x, y,
                          width, height, radius, class);
}

void
svg_frame_begin (GString *out, int x, int y, int width, int height, const char *title)
{
  g_autofree char *escaped = escape (title);

  g_string_append_printf (out, "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>%s</title>\n", x, y, width,
                          height, escaped);
}

void
svg_frame_end (GString *out)
{
  g_string_append (out, "</svg>\n");
}

void
svg_group_begin (GString *out, const char *title)
{
  g_autofree char *escaped = escape (title);

  g_string_append_printf (out, "<g><title>%s</title>\n", escaped);
}

void
svg_group_end (GString *out)
{
  g_string_append (out, "</g>\n");
}

GPtrArray *
svg_wrap (const char *text, guint columns, guint max_lines)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *clean = text_clean (text);
  g_auto (GStrv) words = g_strsplit (clean, " ", -1);
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (line->len > 0 && text_measure (line->str) + 1 + text_measure (words[i]) > columns
          && lines->len + 1 < max_lines)
        {
          g_ptr_array_add (lines, g_strdup (line->str));
          g_string_truncate (line, 0);
        }
      g_string_append_printf (line, "%s%s", line->len > 0 ? " " : "", words[i]);
    }

  g_ptr_array_add (lines, text_clip (line->str, columns, FALSE));
  return lines;
}
