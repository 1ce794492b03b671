/* runtime/web/html.c - Makes plain text of an HTML body. The body is read once: an element without an end extends to
 * the end of the body. The output is text, never HTML again.
 *
 * A space is written only when a word follows (`space`), and line ends only up to the number that is due
 * (`newlines`): so blocks without text leave at most one empty line, and the text does not begin with one. A link is
 * written as its text followed by the address in < and >, unless the text shows the address already. */
#include "runtime/web/html.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

enum { TAG_MAX_BYTES = 12, LINK_MAX = 500, ENTITY_MAX = 10, META_MAX = 1024 };

struct html {
    const char *at, *end;
    GString *out;
    char link[LINK_MAX + 1]; /* address of the open <a>; empty: no link is open */
    size_t link_text;        /* offset in `out` where the link's text begins */
    unsigned newlines;       /* that `out` ends with */
    bool space;              /* true: a space is due before the next word */
    bool pre;                /* true: within <pre>, where spaces and line ends are kept */
    bool open;               /* true: a hidden element had no end, so from there on everything is shown */
};

struct tag {
    char name[TAG_MAX_BYTES + 1];
    bool closes;
    bool hidden;       /* true: neither the element nor its content is shown */
    const char *value; /* the value of href or alt; NULL: none */
    size_t value_length;
};

/* ---- writing ---- */

static void html_newline(struct html *html, unsigned wanted)
{
    html->space = false;
    while (html->out->len > 0 && html->newlines < wanted) {
        g_string_append_c(html->out, '\n');
        html->newlines++;
    }
}

/* Writes a word, with a space before it if one is due. */
static void html_put(struct html *html, const char *bytes, size_t length)
{
    if (html->space && html->newlines == 0 && html->out->len > 0) g_string_append_c(html->out, ' ');
    html->space = false;
    html->newlines = 0;
    g_string_append_len(html->out, bytes, (gssize)length);
}

static void html_put_text(struct html *html, const char *bytes, size_t length)
{
    bool blank = length == 1 && strchr(" \t\n\f", *bytes);
    if (blank && !html->pre)
        html->space = true;
    else if (length == 1 && *bytes == '\n')
        g_string_append_c(html->out, '\n'), html->newlines++;
    else
        html_put(html, bytes, length);
}

/* ---- entities ---- */

static const struct {
    const char *name;
    uint16_t code;
} entities[] = {
#define ENTITY(name, code) {#name, code},
#include "runtime/web/entities.def"
};

static bool good_character(gunichar c)
{
    return c >= 0x20 && c < 0x110000 && (c < 0x7f || c >= 0xa0) && g_unichar_validate(c);
}

/* Characters of windows-1252 by number: many programs write quotation marks and dashes so, and browsers accept that,
 * too. */
static gunichar character_meant(guint64 code)
{
    static const uint16_t windows[0x20] = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                           0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                           0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                           0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};
    if (code >= 0x80 && code < 0xa0) code = windows[code - 0x80];
    return code < 0x110000 && good_character((gunichar)code) ? (gunichar)code : 0xfffd;
}

/* Reads the entity at html->at, which points to its `&`; false: the ampersand is only a character. Names of entities
 * are case-sensitive, as in HTML; a number may be decimal or hexadecimal. */
static bool html_entity(struct html *html)
{
    assert(html->at < html->end && *html->at == '&');
    const char *name = html->at + 1, *stop = name;
    while (stop < html->end && stop - name < ENTITY_MAX && (g_ascii_isalnum(*stop) || *stop == '#')) stop++;
    size_t length = (size_t)(stop - name);
    if (length == 0 || stop == html->end || *stop != ';') return false;
    if (*name == '#') {
        bool hex = length > 1 && (name[1] == 'x' || name[1] == 'X');
        guint64 code = g_ascii_strtoull(name + (hex ? 2 : 1), NULL, hex ? 16 : 10);
        char utf8[8];
        gunichar c = character_meant(code);
        if (code == '\n' || code == '\t' || code == '\r') c = ' ';
        html_put(html, utf8, (size_t)g_unichar_to_utf8(c, utf8));
        html->at = stop + 1;
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(entities); i++)
        if (strlen(entities[i].name) == length && memcmp(entities[i].name, name, length) == 0) {
            char utf8[8] = " "; /* a no-break space is written as a plain space */
            int size = entities[i].code == 0xa0 ? 1 : g_unichar_to_utf8(entities[i].code, utf8);
            html_put_text(html, utf8, (size_t)size);
            html->at = stop + 1;
            return true;
        }
    return false;
}

/* ---- tags ---- */

/* Is the tag one of `names`, which are separated by spaces? */
static bool tag_is(const struct tag *tag, const char *names)
{
    size_t length = strlen(tag->name);
    for (const char *at = names; length > 0 && (at = strstr(at, tag->name)); at += length)
        if ((at == names || at[-1] == ' ') && (at[length] == ' ' || at[length] == 0)) return true;
    return false;
}

static const char *skip_blank(const char *at, const char *end)
{
    while (at < end && g_ascii_isspace(*at)) at++;
    return at;
}

static const char *html_find(const char *at, const char *end, char c)
{
    const char *found = at < end ? memchr(at, c, (size_t)(end - at)) : NULL;
    return found ? found : end;
}

/* Does the attribute `style` hide the element by display: none? */
static bool style_hides(const char *style, size_t length)
{
    static const char words[] = "display:none"; /* blanks are allowed around the colon */
    size_t met = 0;
    for (size_t i = 0; i < length && words[met]; i++)
        if (g_ascii_tolower(style[i]) == words[met])
            met++;
        else if (!g_ascii_isspace(style[i]) || (words[met] != ':' && words[met] != 'n') || met > strlen("display:"))
            met = g_ascii_tolower(style[i]) == 'd';
    return !words[met];
}

static bool is_attribute(const char *name, size_t length, const char *which)
{
    return length == strlen(which) && g_ascii_strncasecmp(name, which, length) == 0;
}

/* Reads one attribute and moves `*at` after it. Values may be in single or double quotes, or in none. Only href,
 * alt, hidden and style are used. */
static void html_attribute(const char **at, const char *end, struct tag *tag)
{
    const char *name = *at, *stop = name;
    while (stop < end && !g_ascii_isspace(*stop) && *stop != '=' && *stop != '>') stop++;
    size_t length = (size_t)(stop - name);
    *at = skip_blank(stop, end);
    if (*at == end || **at != '=') {
        tag->hidden = tag->hidden || is_attribute(name, length, "hidden");
        if (length == 0 && *at < end && **at != '>') (*at)++;
        return;
    }
    const char *value = skip_blank(*at + 1, end), *over;
    if (value < end && (*value == '"' || *value == '\'')) {
        over = html_find(value + 1, end, *value);
        value++;
        *at = over < end ? over + 1 : end;
    } else {
        for (over = value; over < end && !g_ascii_isspace(*over) && *over != '>'; over++) continue;
        *at = over;
    }
    bool style = is_attribute(name, length, "style") && value < end;
    tag->hidden =
        tag->hidden || is_attribute(name, length, "hidden") || (style && style_hides(value, (size_t)(over - value)));
    bool wanted = is_attribute(name, length, "href") || is_attribute(name, length, "alt");
    if (wanted && !tag->value && value < end) tag->value = value, tag->value_length = (size_t)(over - value);
}

/* Reads the tag of which html->at is after the `<`, and moves html->at after its `>`. */
static void tag_read(struct html *html, struct tag *tag)
{
    assert(html->at < html->end); /* html_markup() has checked that */
    const char *at = html->at;
    *tag = (struct tag){.closes = *at == '/'};
    if (tag->closes) at++;
    for (size_t length = 0; at < html->end && g_ascii_isalnum(*at); at++)
        if (length < TAG_MAX_BYTES) tag->name[length++] = g_ascii_tolower(*at);
    while ((at = skip_blank(at, html->end)) < html->end && *at != '>') html_attribute(&at, html->end, tag);
    html->at = at < html->end ? at + 1 : html->end;
}

/* Begins a link; only addresses that a person may follow are shown, not javascript: and data:. Characters that would
 * break the < > around the address become an underscore. */
static void link_begins(struct html *html, const struct tag *tag)
{
    static const char *const schemes[] = {"https://", "http://", "mailto:"};
    html->link[0] = 0;
    html->link_text = html->out->len;
    for (size_t i = 0; tag->value && tag->value_length <= LINK_MAX && i < G_N_ELEMENTS(schemes); i++)
        if (tag->value_length > strlen(schemes[i]) &&
            g_ascii_strncasecmp(tag->value, schemes[i], strlen(schemes[i])) == 0) {
            memcpy(html->link, tag->value, tag->value_length);
            html->link[tag->value_length] = 0;
        }
    for (char *c = html->link; *c; c++)
        if (g_ascii_isspace(*c) || *c == '<' || *c == '>') *c = '_';
}

/* Ends a link: its address is added if the text does not contain it. */
static void link_ends(struct html *html)
{
    if (html->link[0] && (html->link_text > html->out->len || !strstr(html->out->str + html->link_text, html->link))) {
        html->space |= html->out->len > html->link_text;
        html_put(html, "<", 1);
        html_put(html, html->link, strlen(html->link));
        html_put(html, ">", 1);
    }
    html->link[0] = 0;
}

/* Skips the text within <script> and similar elements, which is not meant for people. */
static void skip_raw(struct html *html, const char *name)
{
    size_t length = strlen(name);
    while ((html->at = html_find(html->at, html->end, '<')) < html->end) {
        html->at++;
        if (html->at < html->end && *html->at == '/' && (size_t)(html->end - html->at) > length &&
            g_ascii_strncasecmp(html->at + 1, name, length) == 0) {
            html->at = html_find(html->at, html->end, '>');
            html->at += html->at < html->end;
            return;
        }
    }
}

/* Skips the content of an element that is not shown, up to its end tag, which may contain elements of the same name.
 * False: the element has no end tag. */
static bool skip_hidden(struct html *html, const char *name)
{
    const char *begun = html->at;
    for (unsigned within = 1; within > 0;) {
        struct tag tag;
        html->at = html_find(html->at, html->end, '<');
        if (html->at == html->end || ++html->at == html->end) {
            html->at = begun, html->open = true;
            return false;
        }
        tag_read(html, &tag);
        if (strcmp(tag.name, name) == 0) within = tag.closes ? within - 1 : within + 1;
    }
    return true;
}

/* Begins a cell of a table: a tab divides it from the one before in its row. */
static void html_cell(struct html *html)
{
    html->space = false;
    if (html->out->len > 0 && html->newlines == 0) g_string_append_c(html->out, '\t');
}

/* Handles the elements that matter for a plain text; the tags of all others are ignored, and their content is text. */
static void tag_done(struct html *html, const struct tag *tag)
{
    if (!tag->closes && tag_is(tag, "script style title noscript template iframe object textarea select svg math"))
        skip_raw(html, tag->name);
    else if (tag->hidden && !tag->closes && tag_is(tag, "img br hr input"))
        return;
    else if (tag->hidden && !tag->closes && *tag->name && !html->open && skip_hidden(html, tag->name))
        return;
    else if (tag_is(tag, "a")) {
        link_ends(html);
        if (!tag->closes) link_begins(html, tag);
    } else if (tag_is(tag, "img") && tag->value && tag->value_length > 0) {
        html_put(html, "[", 1);
        html_put(html, tag->value, utf8_cut(tag->value, tag->value_length, LINK_MAX));
        html_put(html, "]", 1);
    } else if (tag_is(tag, "p h1 h2 h3 h4 h5 h6 blockquote pre table ul ol dl hr")) {
        html_newline(html, 2);
        if (tag_is(tag, "pre")) html->pre = !tag->closes;
    } else if (tag_is(tag, "br") && !tag->closes) {
        html->space = false;
        if (html->out->len > 0 && html->newlines < 2) g_string_append_c(html->out, '\n'), html->newlines++;
    } else if (tag_is(tag, "div tr dt dd section article header footer center form address body"))
        html_newline(html, 1);
    else if (tag_is(tag, "li") && !tag->closes) {
        html_newline(html, 1);
        html_put(html, "- ", 2);
    } else if (tag_is(tag, "td th") && !tag->closes)
        html_cell(html);
}

/* Reads a comment, a declaration, a tag or a mere less-than sign at `<`. A `<` whose next character cannot begin a
 * tag is text, so "3 < 4" stays. */
static void html_markup(struct html *html)
{
    html->at++;
    size_t left = (size_t)(html->end - html->at);
    if (left >= 3 && memcmp(html->at, "!--", 3) == 0) {
        const char *over = g_strstr_len(html->at + 3, (gssize)left - 3, "-->");
        html->at = over ? over + 3 : html->end;
    } else if (left > 0 && (*html->at == '!' || *html->at == '?')) {
        html->at = html_find(html->at, html->end, '>');
        html->at += html->at < html->end;
    } else if (left > 1 && (g_ascii_isalpha(*html->at) || (*html->at == '/' && g_ascii_isalpha(html->at[1])))) {
        struct tag tag;
        tag_read(html, &tag);
        tag_done(html, &tag);
    } else
        html_put(html, "<", 1);
}

/* Returns the plain text, which the caller frees. The time is linear in the length, except for links, whose text is
 * searched once. */
GString *html_plain_text(const char *bytes, size_t length)
{
    struct html html = {.at = bytes, .end = bytes + length, .out = g_string_sized_new(length / 2 + 1)};
    while (html.at < html.end) {
        if (*html.at == '<')
            html_markup(&html);
        else if (*html.at != '&' || !html_entity(&html)) {
            const char *next = html.at + 1;
            while (next < html.end && ((guchar)*next & 0xc0) == 0x80) next++;
            html_put_text(&html, html.at, (size_t)(next - html.at));
            html.at = next;
        }
    }
    link_ends(&html);
    return html.out;
}

/* Finds `charset=` in the element or in its attribute `content`. utf-16 is taken for utf-8: a page of which this
 * element could be read is not in UTF-16. */
static char *meta_charset(const char *element)
{
    for (const char *at = element; (at = strstr(at, "charset"));) {
        at += strlen("charset");
        at += strspn(at, " \t\r\n\f");
        if (*at != '=') continue;
        at += 1 + strspn(at + 1, " \t\r\n\f\"'");
        size_t length = strcspn(at, " \t\r\n\f\"';>/");
        if (length > 0) return g_str_has_prefix(at, "utf-16") ? g_strdup("utf-8") : g_strndup(at, length);
    }
    return NULL;
}

/* Returns the charset named by a `meta` element among the first bytes, where browsers look, too. */
char *html_charset(const char *html, size_t length)
{
    char *head = g_ascii_strdown(html ? html : "", (gssize)(length < META_MAX ? length : META_MAX)), *charset = NULL;
    for (const char *at = head; !charset && (at = strstr(at, "<meta")); at++) {
        char *element = g_strndup(at, strcspn(at, ">"));
        charset = meta_charset(element);
        g_free(element);
    }
    g_free(head);
    return charset;
}
