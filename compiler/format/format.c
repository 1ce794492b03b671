/* compiler/format/format.c - Formats a text: the author's tokens, with spaces, line ends and indents of the one
 * style between them.
 *
 * A block stays on one line where the author wrote it so and it fits; else each of its items begins a line. Within
 * an item the author's line ends stay, one indent further in. A clause that is too long for its line begins a new
 * line, for the order of clauses may have moved it there. The formatted text is read again and compared with the
 * author's, token by token: a fault of the formatter must not change a strategy. */
#include "compiler/format/format.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/format/clauses.h"
#include "compiler/format/tree.h"
#include "compiler/syntax/lexer.h"
#include "compiler/recovery/parse.h"
#include "compiler/syntax/trivia.h"
#include "base/memory.h"

enum { INDENT = 4, WIDTH = 120, BLOCKS_MAX = 1024, ROUNDS = 16 };

struct block {        /* an open '{' */
    size_t close;     /* the index of the '}' that ends the block */
    uint32_t indent;  /* the indent of the line that opens it */
    bool broken;      /* true: each item of the block has a line of its own */
    uint32_t hanging; /* the value of format->hanging at the '{', which the '}' restores */
};

struct format {
    const struct source *source;
    const struct raw_token *tokens;
    size_t count;
    uint8_t *marks;
    size_t *match; /* for the index of a '{' the index of its '}' */
    char *out;
    size_t length, room;
    uint32_t column, indent; /* column: the width so far of the line being written; indent: its indent */
    struct block blocks[BLOCKS_MAX];
    size_t depth;
    uint32_t hanging; /* the number of brackets of the current item left open at a line's end */
};

/* ---- The text as the author wrote it ---- */

static const char *format_token_text(const struct format *format, size_t i, size_t *length)
{
    assert(i < format->count);
    const struct raw_token *token = &format->tokens[i];
    *length = token->span.end - token->span.begin;
    return format->source->text + (token->span.begin - format->source->base);
}

static unsigned mark_at(const struct format *format, uint32_t offset)
{
    assert(offset >= format->source->base && offset - format->source->base <= format->source->length);
    return format->marks[offset - format->source->base];
}

/* The beginning of the gap before token `i`, which is the end of the token before it. */
static uint32_t gap_begin(const struct format *format, size_t i)
{
    return i > 0 ? format->tokens[i - 1].span.end : format->source->base;
}

static size_t format_count_lines(const struct format *format, uint32_t from, uint32_t to)
{
    size_t count = 0;
    for (uint32_t at = from; at < to; at++) count += format->source->text[at - format->source->base] == '\n';
    return count;
}

/* Is there a remark in the gap before token `i`? */
static bool has_remark(const struct format *format, size_t i)
{
    struct source_span remark = trivia_remark(format->source, gap_begin(format, i), format->tokens[i].span.begin);
    return remark.begin < remark.end;
}

/* ---- Spaces ---- */

/* Can an operand end with this token, so that a '[' after it is an index? */
static bool ends_operand(int kind)
{
    return kind == T_NAME || kind == ')' || kind == ']' || kind == T_STRING || kind == T_STR_TAIL || kind == T_KIND ||
           kind == T_INTEGER || kind == T_IT || (kind > 255 && lexer_token_use(kind) == USE_CLAUSE);
}

/* Is there a space before token `i` where it follows another token on its line? */
static bool has_space(const struct format *format, size_t i)
{
    assert(i > 0 && i < format->count);
    int before = format->tokens[i - 1].kind, kind = format->tokens[i].kind;
    uint32_t at = format->tokens[i].span.begin, begin = format->tokens[i - 1].span.begin;
    switch (kind) {
    case ';':
    case ',':
    case ')':
    case ']':
    case '.':
    case ':':
    case '?':
    case T_OPTDOT:
    case T_DOTDOT:
    case T_STR_MID:
    case T_STR_TAIL:
    case T_SQL_MID:
    case T_SQL_TAIL:
        return false;
    case '<':
    case '>':
        if (mark_at(format, kind == '<' ? format->tokens[i - 1].span.end : at) & MARK_TIGHT) return false;
        break;
    case '(':
        if (mark_at(format, format->tokens[i - 1].span.end) & MARK_TIGHT) return false;
        break;
    case '[':
        if (ends_operand(before)) return false;
        break;
    default:
        break;
    }
    switch (before) {
    case '(':
    case '[':
    case '.':
    case T_OPTDOT:
    case T_DOTDOT:
    case T_STR_HEAD:
    case T_STR_MID:
    case T_SQL_HEAD:
    case T_SQL_MID:
        return false;
    case '<':
        return i < 2 || !(mark_at(format, format->tokens[i - 2].span.end) & MARK_TIGHT);
    case '-':
        return !(mark_at(format, begin) & MARK_UNARY);
    default:
        return true;
    }
}

/* ---- Writing ---- */

static void format_put(struct format *format, const char *bytes, size_t length)
{
    if (format->length + length + 1 > format->room) {
        format->room = 2 * format->room + length + 4096;
        format->out = memory_grown(format->out, format->room, 1);
    }
    memcpy(format->out + format->length, bytes, length);
    format->length += length;
    format->out[format->length] = '\0';
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == '\n')
            format->column = 0;
        else
            format->column += ((unsigned char)bytes[i] & 0xC0) != 0x80;
}

/* Ends the line, adds an empty line if asked, and begins a new line with that indent. */
static void format_put_line(struct format *format, uint32_t indent, bool empty_line)
{
    if (format->length > 0) format_put(format, "\n\n", empty_line ? 2 : 1);
    for (uint32_t i = 0; i < indent; i++) format_put(format, " ", 1);
    format->indent = indent;
}

/* ---- Lines ---- */

static uint32_t item_indent(const struct format *format)
{
    return format->depth > 0 ? format->blocks[format->depth - 1].indent + INDENT : 0;
}

static bool in_broken(const struct format *format)
{
    return format->depth == 0 || format->blocks[format->depth - 1].broken;
}

/* Is token `i` the statement after a label for which the author began a new line? */
static bool is_label_line(const struct format *format, size_t i)
{
    if (i < 3) return false;
    int name = format->tokens[i - 2].kind, before = format->tokens[i - 3].kind;
    if (name != T_NAME && (name <= 255 || lexer_token_use(name) != USE_CLAUSE)) return false;
    bool label = before == ';' || before == '{' || before == '}' || before == ':';
    return label && (mark_at(format, format->tokens[i].span.begin) & MARK_ITEM) &&
           format_count_lines(format, gap_begin(format, i), format->tokens[i].span.begin) > 0;
}

/* Does token `i` begin a line as an item of its block, or as the '}' of a broken one? */
static bool begins_item(const struct format *format, size_t i)
{
    int before = i > 0 ? format->tokens[i - 1].kind : ';', kind = format->tokens[i].kind;
    const struct block *block = format->depth > 0 ? &format->blocks[format->depth - 1] : NULL;
    if (kind == T_END) return true;
    if (kind == '}') return block && block->broken;
    if (!in_broken(format)) return false;
    if (before == ':' && is_label_line(format, i)) return true;
    if (before == ';' || (before == '{' && block)) return true;
    return before == '}' && (mark_at(format, format->tokens[i].span.begin) & MARK_ITEM);
}

/* Did the author end a line before token `i` within an item, where a line may end? */
static bool goes_on_below(const struct format *format, size_t i)
{
    assert(i > 0);
    int kind = format->tokens[i].kind, before = format->tokens[i - 1].kind;
    if (format_count_lines(format, gap_begin(format, i), format->tokens[i].span.begin) == 0) return false;
    if (kind == ';' || kind == ',' || kind == '{') return false;
    if (before == T_STR_HEAD || before == T_STR_MID || before == T_SQL_HEAD || before == T_SQL_MID) return false;
    if (kind == T_STR_MID || kind == T_STR_TAIL || kind == T_SQL_MID || kind == T_SQL_TAIL) return false;
    return kind != T_ELSE || !(mark_at(format, format->tokens[i - 1].span.end) & MARK_IF);
}

static bool begins_clause(const struct format *format, size_t i)
{
    return mark_at(format, format->tokens[i].span.begin) & MARK_CLAUSE;
}

/* Is token `i` a clause that would end beyond the width of a line? A clause with a block is measured up to its
 * block. */
static bool sticks_out(const struct format *format, size_t i)
{
    if (!begins_clause(format, i)) return false;
    uint32_t width = format->column;
    for (size_t at = i; at < format->count && width <= WIDTH; at++) {
        size_t length;
        const char *text = format_token_text(format, at, &length);
        /* the token is an SQL text, which keeps the author's lines */
        const char *line_end = memchr(text, '\n', length);
        if (at > i && (begins_clause(format, at) || goes_on_below(format, at))) return false;
        width += (line_end ? (uint32_t)(line_end - text) : (uint32_t)length) + has_space(format, at);
        if (line_end || format->tokens[at].kind == ';' || format->tokens[at].kind == '{') break;
    }
    return width > WIDTH;
}

/* Returns the indent of a line that begins with this token within an item. */
static uint32_t below_indent(const struct format *format, int kind)
{
    uint32_t depth = format->hanging;
    if ((kind == ')' || kind == ']') && depth > 0) return item_indent(format) + INDENT * (depth - 1);
    return item_indent(format) + INDENT * (depth > 0 ? depth : 1);
}

/* Writes the remarks before token `i`. Returns whether it wrote any, so that the line has ended; sets *empty_line
 * where the author left an empty line after them. */
static bool put_remarks(struct format *format, size_t i, uint32_t indent, bool *empty_line)
{
    uint32_t at = gap_begin(format, i), end = format->tokens[i].span.begin;
    bool any = false;
    for (;;) {
        struct source_span remark = trivia_remark(format->source, at, end);
        size_t lines = format_count_lines(format, at, remark.begin);
        bool after_brace = i > 0 && format->tokens[i - 1].kind == '{' && !any;
        *empty_line = lines > 1 && !after_brace && format->length > 0;
        if (remark.begin == remark.end) return any;
        size_t length = remark.end - remark.begin;
        const char *text = format->source->text + (remark.begin - format->source->base);
        while (length > 0 && strchr(" \t\r", text[length - 1])) length--;
        if (lines == 0 && i > 0 && !any)
            format_put(format, " ", 1);
        else
            format_put_line(format, indent, *empty_line);
        format_put(format, text, length);
        any = true;
        at = remark.end;
    }
}

/* ---- Blocks ---- */

/* Returns the width on one line of the block that token `i` opens; any number above WIDTH where the block does not
 * fit. */
static uint32_t flat_width(const struct format *format, size_t i)
{
    uint32_t width = 0;
    for (size_t at = i; at <= format->match[i] && width <= WIDTH; at++) {
        size_t length;
        format_token_text(format, at, &length);
        width += (uint32_t)length + (at > i && has_space(format, at));
    }
    return width;
}

static void open_block(struct format *format, size_t i)
{
    size_t close = format->match[i];
    uint32_t begin = format->tokens[i].span.begin;
    bool lines = close > i + 1 && format_count_lines(format, begin, format->tokens[close].span.begin) > 0;
    bool broken = lines || (close == i + 1 && has_remark(format, close)) ||
                  (close > i + 1 && format->column - 1 + flat_width(format, i) > WIDTH);
    assert(format->depth < BLOCKS_MAX);
    format->blocks[format->depth++] = (struct block){close, format->indent, broken, format->hanging};
    format->hanging = 0;
}

static void close_block(struct format *format)
{
    assert(format->depth > 0);
    format->hanging = format->blocks[--format->depth].hanging;
}

/* ---- Tokens ---- */

/* Writes the remarks, spaces and line ends before token `i`. */
static void put_gap(struct format *format, size_t i)
{
    int kind = format->tokens[i].kind, before = i > 0 ? format->tokens[i - 1].kind : 0;
    bool item = begins_item(format, i), empty_line, closing = kind == '}' && item;
    uint32_t indent = item ? item_indent(format) : below_indent(format, kind);
    bool ended = put_remarks(format, i, indent, &empty_line);
    if (closing) {
        indent = format->blocks[format->depth - 1].indent;
        empty_line = false;
    }
    if (kind == T_END) return;
    bool below = i > 0 && !item && (ended || goes_on_below(format, i) || sticks_out(format, i));
    if (below && (before == '(' || before == '[')) {
        format->hanging++;
        indent = below_indent(format, kind);
    }
    if (item) format->hanging = 0;
    if (i == 0 && !ended) return;
    if (item || below)
        format_put_line(format, indent, empty_line && item);
    else if (before != '{' && kind != '}' ? has_space(format, i) : before != '{' || kind != '}')
        format_put(format, " ", 1);
    if (below && (kind == ')' || kind == ']') && format->hanging > 0) format->hanging--;
}

static void put_token(struct format *format, size_t i)
{
    int kind = format->tokens[i].kind;
    size_t length;
    const char *text = format_token_text(format, i, &length);
    put_gap(format, i);
    format_put(format, text, kind == T_END ? 0 : length);
    if (kind == '{') open_block(format, i);
    if (kind == '}' && format->depth > 0) close_block(format);
}

/* Finds the '}' of every '{'; false where the braces do not balance. */
static bool match_braces(struct format *format)
{
    size_t *open = malloc((format->count + 1) * sizeof *open), depth = 0;
    bool good = true;
    if (!open) abort();
    for (size_t i = 0; i < format->count && good; i++) {
        if (format->tokens[i].kind == '{') open[depth++] = i;
        if (format->tokens[i].kind != '}') continue;
        good = depth > 0;
        if (good) format->match[open[--depth]] = i;
    }
    free(open);
    return good && depth == 0;
}

/* Has the formatted text the same tokens in the same order? Gaps are not compared. */
static bool format_says_the_same(struct arena *arena, const struct format *format)
{
    struct source_set *set = source_set_new(arena);
    const struct source *source = source_set_add(set, "formatted", format->out, format->length);
    struct raw_token *tokens;
    size_t count;
    bool good = trivia_tokens(arena, source, &tokens, &count) && count == format->count;
    for (size_t i = 0; good && i < count; i++) {
        size_t length;
        const char *text = format_token_text(format, i, &length);
        size_t now = tokens[i].span.end - tokens[i].span.begin;
        good = tokens[i].kind == format->tokens[i].kind &&
               (tokens[i].kind == T_END ||
                (now == length && memcmp(source->text + (tokens[i].span.begin - source->base), text, length) == 0));
    }
    return good;
}

static char *lay_out(struct arena *arena, const struct node *file, const struct source *source, size_t *formatted)
{
    struct raw_token *tokens;
    struct format *format = ARENA_NEW(arena, struct format);
    format->source = source;
    bool good = trivia_tokens(arena, source, &tokens, &format->count);
    assert(good); /* the text was parsed without errors */
    format->tokens = tokens;
    format->marks = ARENA_ARRAY(arena, uint8_t, source->length + 2);
    format->match = ARENA_ARRAY(arena, size_t, format->count + 1);
    format_marks(file, source->base, format->marks);
    good = match_braces(format);
    assert(good); /* so its braces balance */
    format_put(format, "", 0);
    for (size_t i = 0; i < format->count; i++) put_token(format, i);
    if (format->length > 0) format_put(format, "\n", 1);
    *formatted = format->length;
    if (format->length > SOURCE_LIMIT) return format->out; /* too large to be read again: the caller reports it */
    good = format_says_the_same(arena, format);
    assert(good); /* an aborted gcxc is better than a text with another meaning */
    return format->out;
}

char *format_text(const char *path, const char *text, size_t length, size_t *formatted, FILE *errors)
{
    assert(path && (text || length == 0) && formatted && errors);
    struct arena *arena = arena_new();
    char *whole = NULL;
    for (int round = 0; round < ROUNDS && !whole; round++) {
        struct program program = {.arena = arena, .tree = {.arena = arena}};
        program.sources = source_set_new(arena);
        program.diags = diags_new(arena, program.sources);
        const struct source *source = source_set_add(program.sources, path, text, length);
        const struct node *file = parse_source(&program, source);
        if (diags_errors(program.diags) > 0) {
            diags_print(program.diags, errors, DIAGS_SHOWN);
            break;
        }
        const char *ordered = round + 1 < ROUNDS ? format_clauses(arena, file, source, &length) : NULL;
        if (ordered)
            text = ordered;
        else
            whole = lay_out(arena, file, source, formatted);
    }
    if (whole && *formatted > SOURCE_LIMIT) {
        fprintf(errors, "gcxc: cannot write %s in the style: it would have more than %d MB\n", path,
                SOURCE_LIMIT / (1024 * 1024));
        free(whole);
        whole = NULL;
    }
    arena_free(arena);
    return whole;
}
