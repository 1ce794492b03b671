/* compiler/base/unseen.c - Characters of a source that nobody sees.
 *
 * Unseen characters come with text that is pasted from a page, a chat or a word processor; or somebody writes them to
 * show a reviewer another program than is compiled (CVE-2021-42574, "Trojan Source"). */
#include "compiler/base/unseen.h"

#include <assert.h>

static const struct unseen_range {
    unsigned first, last;
    enum unseen_kind kind;
} ranges[] = {
    {0x00A0, 0x00A0, UNSEEN_BLANK}, {0x00AD, 0x00AD, UNSEEN_NO_WIDTH}, {0x061C, 0x061C, UNSEEN_TURN},
    {0x1680, 0x1680, UNSEEN_BLANK}, {0x2000, 0x200A, UNSEEN_BLANK},    {0x200B, 0x200D, UNSEEN_NO_WIDTH},
    {0x200E, 0x200F, UNSEEN_TURN},  {0x2028, 0x2029, UNSEEN_BLANK},    {0x202A, 0x202E, UNSEEN_TURN},
    {0x202F, 0x202F, UNSEEN_BLANK}, {0x205F, 0x205F, UNSEEN_BLANK},    {0x2060, 0x2064, UNSEEN_NO_WIDTH},
    {0x2066, 0x2069, UNSEEN_TURN},  {0x3000, 0x3000, UNSEEN_BLANK},    {0xFEFF, 0xFEFF, UNSEEN_NO_WIDTH},
};

size_t unseen_here(const char *bytes, size_t left, enum unseen_kind *kind, unsigned *code_point)
{
    const unsigned char *p = (const unsigned char *)bytes;
    assert(left > 0);
    size_t length = *p == 0xC2 || *p == 0xD8 ? 2 : *p == 0xE1 || *p == 0xE2 || *p == 0xE3 || *p == 0xEF ? 3 : 0;
    if (length == 0 || left < length) return 0;
    unsigned number =
        length == 2 ? (*p & 0x1Fu) << 6 | (p[1] & 0x3Fu) : (*p & 0xFu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (number >= ranges[i].first && number <= ranges[i].last) {
            *kind = ranges[i].kind;
            *code_point = number;
            return length;
        }
    return 0;
}

bool unseen_joins(unsigned code_point)
{
    return code_point == 0x200C || code_point == 0x200D;
}

enum { UNSEEN_OPEN_MAX = 16 };

/* Where a reader of a source is: which texts are open, from the outermost one, and whether it reads the innermost one
 * or a value in it, as in "of {names["a"]}". */
struct unseen_reader {
    char quotes[UNSEEN_OPEN_MAX];
    unsigned open;
    bool in_text, in_remark;
};

/* A line's end closes the outermost text in quotes and all within it. SQL goes on. */
static void unseen_line_end(struct unseen_reader *reader)
{
    reader->in_remark = false;
    for (unsigned i = 0; i < reader->open; i++)
        if (reader->quotes[i] == '"') {
            reader->open = i;
            reader->in_text = false;
        }
}

/* Reads a character of a text and returns how many bytes it has: two for an escape or a doubled brace, whose second
 * byte must not end the text or open a value. */
static size_t unseen_in_text(struct unseen_reader *reader, const char *text, size_t left)
{
    char quote = reader->quotes[reader->open - 1];
    bool escapes = *text == '\\' && quote == '"', doubled = *text == '{' && left > 1 && text[1] == '{';
    if (doubled || (escapes && left > 1 && text[1] != '\n' && (unsigned char)text[1] < 0x80)) return 2;
    if (*text == quote) reader->open--;
    if (*text == quote || *text == '{') reader->in_text = false;
    return 1;
}

static void unseen_in_code(struct unseen_reader *reader, const char *text, size_t left)
{
    if (*text == '/' && left > 1 && text[1] == '/') reader->in_remark = true;
    if ((*text == '"' || *text == '`') && reader->open < UNSEEN_OPEN_MAX) {
        reader->quotes[reader->open++] = *text;
        reader->in_text = true;
    }
    if (*text == '}' && reader->open > 0) reader->in_text = true;
}

void unseen_each(const char *text, size_t length, void (*each)(void *self, const struct unseen *), void *self)
{
    struct unseen_reader reader = {.open = 0};
    for (size_t at = 0; at < length; at++) {
        if ((unsigned char)text[at] < 0x80) {
            if (text[at] == '\n')
                unseen_line_end(&reader);
            else if (reader.in_text)
                at += unseen_in_text(&reader, text + at, length - at) - 1;
            else if (!reader.in_remark)
                unseen_in_code(&reader, text + at, length - at);
            continue;
        }
        struct unseen unseen = {.at = at,
                                .place = reader.in_remark ? UNSEEN_REMARK
                                         : reader.in_text ? UNSEEN_STRING
                                                          : UNSEEN_CODE};
        unseen.length = unseen_here(text + at, length - at, &unseen.kind, &unseen.code_point);
        bool mark = at == 0 && unseen.code_point == 0xFEFF; /* the byte order mark */
        if (unseen.length > 0 && !mark) each(self, &unseen);
    }
}
