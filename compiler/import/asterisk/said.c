/* compiler/import/asterisk/said.c - Values and conditions of the dialplan.
 *
 *     text with ${NAME}              a text with {name}
 *     ${NAME:2}, ${NAME:0:3}         name.slice(2), name.slice(0, 3)
 *     $["${A}" = "1"]                a == "1"
 *     $[${N} < 3], $[${N} + 1]       asterisk_less(n, "3"), asterisk_plus(n, "1"): the module asterisk.gcx
 *
 * In $[ ] a variable without quotes becomes part of the expression's text: an empty value, or one with a blank, makes
 * the expression invalid, and Asterisk takes an invalid expression for false. Functions of the module asterisk test for
 * such values. A value that may itself be an expression, such as a text that somebody else has set, is not translated.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/import/asterisk/walk.h"

enum { SAID_DEPTH = 12, SAID_BYTES = 4000, SAID_GUARDS = 16 };

struct walk_variable *walk_variable(struct walk *w, const char *name)
{
    struct walk_variable *variable = flow_names_find(&w->variables, name);
    if (variable) return variable;
    variable = ARENA_NEW(w->arena, struct walk_variable);
    *variable = (struct walk_variable){.name = name, .bare = true, .whole = true, .initial = ""};
    variable->ident = name_fresh(w->arena, &w->taken, &w->import->names, name);
    flow_names_add(w->arena, &w->variables, name, variable);
    *w->end = variable;
    w->end = &variable->next;
    return variable;
}

unsigned walk_parts(struct arena *arena, const char *text, char separator, const char **parts, unsigned most)
{
    unsigned count = 0;
    int depth = 0;
    bool quoted = false;
    const char *begin = text;
    if (!*text) return 0;
    for (;; text++) {
        if (*text == '"') quoted = !quoted;
        if (*text && !quoted) depth += *text == '(' || *text == '[' || *text == '{';
        if (*text && !quoted) depth -= *text == ')' || *text == ']' || *text == '}';
        if (*text && (*text != separator || quoted || depth > 0)) continue;
        size_t length = (size_t)(text - begin);
        while (length > 0 && (*begin == ' ' || *begin == '\t')) begin++, length--;
        while (length > 0 && (begin[length - 1] == ' ' || begin[length - 1] == '\t')) length--;
        if (count < most) parts[count++] = arena_copy(arena, begin, length);
        if (!*text) return count;
        begin = text + 1;
    }
}

bool walk_number(const char *text, long long most, long long *number)
{
    if (!*text || strlen(text) > 12 || text[strspn(text, "0123456789")]) return false;
    *number = strtoll(text, NULL, 10);
    return *number <= most;
}

static bool text_is_bare(const char *text)
{
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && *text != '_' && *text != '.') return false;
    return true;
}

/* Returns the bracket that closes the one at `open`; NULL: none does. */
static const char *said_close(const char *open, char closes)
{
    char opens = *open;
    int depth = 0;
    for (; *open; open++) {
        depth += *open == opens;
        depth -= *open == closes;
        if (depth == 0) return open;
    }
    return NULL;
}

static bool text_is_whole(const char *text)
{
    return !text[strspn(text, "0123456789")];
}

static struct walk_said walk_said_bad(const char *why)
{
    return (struct walk_said){.why = why};
}

/* Returns the variable's value; `name` has no part such as :2, which the caller cuts out. */
static struct walk_said said_variable(struct walk *w, const struct walk_node *node, const char *name)
{
    const char *literal = NULL;
    if (strcmp(name, "EXTEN") == 0 || strcmp(name, "MACRO_EXTEN") == 0) {
        if (strcmp(name, "EXTEN") != 0) return walk_said_bad("the extension of another context");
        if (node->step->of->pattern) {
            w->patterns = true;
            return (struct walk_said){.good = true, .text = "exten"};
        }
        literal = node->step->of->name;
    }
    if (strncmp(name, "ARG", 3) == 0 && node->frame) {
        long long number;
        if (!walk_number(name + 3, WALK_ARGUMENTS, &number) || number == 0)
            return walk_said_bad("an argument that is none");
        if (number > node->frame->arguments) return walk_said_bad("an argument that is not given");
        literal = node->frame->literals[number - 1];
    }
    if (strcmp(name, "CONTEXT") == 0) literal = node->step->of->in->name;
    if (literal)
        return (struct walk_said){.good = true,
                                  .constant = true,
                                  .bare = text_is_bare(literal),
                                  .whole = text_is_whole(literal),
                                  .text = name_quoted(w->arena, literal, true),
                                  .plain = literal};
    if (strncmp(name, "CALLERID(", 9) == 0 && walk_variable(w, "CALLERID")->lost)
        return walk_said_bad(arena_printf(w->arena, "what sets ${%s} is not translated", name));
    if (strcmp(name, "CALLERID(num)") == 0 || strcmp(name, "CALLERID(number)") == 0)
        return (struct walk_said){.good = true, .text = "ani"};
    if (strcmp(name, "CALLERID(dnid)") == 0) return (struct walk_said){.good = true, .text = "dnis"};
    if (strpbrk(name, "()${}[]")) return walk_said_bad(arena_printf(w->arena, "${%s} is not known here", name));
    if (strncmp(name, "ARG", 3) == 0 && node->frame)
        name = arena_printf(w->arena, "%s of %u", name, node->frame->depth);
    struct walk_variable *variable = walk_variable(w, name);
    if (!variable->read) variable->read = w->changed = true;
    if (w->opaque) return walk_said_bad(arena_printf(w->arena, "a program outside may set ${%s}", name));
    if (variable->lost || (w->settled && !variable->set))
        return walk_said_bad(arena_printf(w->arena, "what sets ${%s} is not translated", name));
    return (struct walk_said){.good = true, .bare = variable->bare, .whole = variable->whole, .text = variable->ident};
}

/* Reads NAME, NAME:from or NAME:from:count. */
static struct walk_said said_reference(struct walk *w, const struct walk_node *node, const char *reference)
{
    const char *colon = strchr(reference, ':'), *paren = strchr(reference, '(');
    if (!colon || (paren && paren < colon)) return said_variable(w, node, reference);
    const char *parts[3];
    long long from, count = 0;
    unsigned given = walk_parts(w->arena, colon + 1, ':', parts, 3);
    struct walk_said said = said_variable(w, node, arena_copy(w->arena, reference, (size_t)(colon - reference)));
    if (!said.good) return said;
    bool good = given >= 1 && given <= 2 && walk_number(parts[0], 1000, &from) &&
                (given == 1 || (walk_number(parts[1], 1000, &count) && count > 0));
    if (!good) return walk_said_bad(arena_printf(w->arena, "the part ${%s} of a text", reference));
    w->likeness = true;
    said.text = given == 1 ? arena_printf(w->arena, "asterisk_from(%s, %lld)", said.text, from)
                           : arena_printf(w->arena, "asterisk_part(%s, %lld, %lld)", said.text, from, count);
    said.constant = false;
    return said;
}

static struct walk_said said_sum(struct walk *, const struct walk_node *, const char *inner);

struct walk_said walk_value(struct walk *w, const struct walk_node *node, const char *text)
{
    struct walk_said said = {.good = true, .constant = true, .bare = true, .plain = "", .text = ""};
    const char *only = NULL;
    bool whole = false;
    unsigned parts = 0;
    if (strlen(text) > SAID_BYTES) return walk_said_bad("the text is too long");
    while (*text) {
        bool reference = text[0] == '$' && text[1] == '{', sum = text[0] == '$' && text[1] == '[';
        if (!reference && !sum) {
            size_t length = 1;
            while (text[length] && !(text[length] == '$' && (text[length + 1] == '{' || text[length + 1] == '[')))
                length++;
            const char *piece = arena_copy(w->arena, text, length);
            said.bare = said.bare && text_is_bare(piece);
            said.plain = arena_printf(w->arena, "%s%s", said.plain, piece);
            said.text = arena_printf(w->arena, "%s%s", said.text, name_quoted(w->arena, piece, false));
            text += length, parts++;
            continue;
        }
        const char *close = said_close(text + 1, reference ? '}' : ']');
        if (!close) return walk_said_bad("a bracket is open");
        const char *inner = arena_copy(w->arena, text + 2, (size_t)(close - text - 2));
        struct walk_said part = reference ? said_reference(w, node, inner) : said_sum(w, node, inner);
        if (!part.good) return part;
        said.bare = said.bare && part.bare;
        said.constant = said.constant && part.constant;
        if (part.constant) {
            said.plain = arena_printf(w->arena, "%s%s", said.plain, part.plain);
            said.text = arena_printf(w->arena, "%s%s", said.text, name_quoted(w->arena, part.plain, false));
        } else {
            only = part.text;
            whole = part.whole;
            said.text = arena_printf(w->arena, "%s{%s}", said.text, part.text);
        }
        text = close + 1, parts++;
    }
    said.whole = said.constant ? text_is_whole(said.plain) : parts == 1 && whole;
    said.text = only && parts == 1 ? only : arena_printf(w->arena, "\"%s\"", said.text);
    return said;
}

/* ---- $[ ] ---- */

struct said_reader {
    struct walk *w;
    const struct walk_node *node;
    const char *at, *why;
    const char *guards[SAID_GUARDS]; /* texts that must be `bare`, else the expression is false */
    unsigned guard_count, depth;
};

/* A side of a comparison. */
struct said_side {
    const char *text;
    bool quoted, number;   /* number: a whole number written in the expression */
    bool whole;            /* the side is a whole number, or else makes the expression invalid */
    const char *condition; /* the side is a condition in brackets; NULL: a value */
};

static void said_blanks(struct said_reader *reader)
{
    while (*reader->at == ' ' || *reader->at == '\t') reader->at++;
}

static bool said_takes(struct said_reader *reader, const char *word)
{
    said_blanks(reader);
    size_t length = strlen(word);
    if (strncmp(reader->at, word, length) != 0) return false;
    reader->at += length;
    return true;
}

static const char *said_or(struct said_reader *);

static bool side_fails(struct said_reader *reader, const char *why)
{
    if (!reader->why) reader->why = why;
    return false;
}

/* Reads a text in quotes, or a word: letters, digits and references without a blank between. */
static bool said_side(struct said_reader *reader, struct said_side *side)
{
    struct walk *w = reader->w;
    *side = (struct said_side){0};
    said_blanks(reader);
    const char *begin = reader->at, *end = begin;
    if (*begin == '(' && ++reader->depth < SAID_DEPTH) {
        reader->at++;
        side->condition = said_or(reader);
        return side->condition && said_takes(reader, ")") ? true : side_fails(reader, "a bracket is open");
    }
    side->quoted = *begin == '"';
    if (side->quoted) {
        end = ++begin;
        while (*end && *end != '"') end++;
        if (!*end) return side_fails(reader, "a quote is open");
        reader->at = end + 1;
    } else {
        while (*end) {
            if (end[0] == '$' && end[1] == '{') {
                const char *close = said_close(end + 1, '}');
                if (!close) return side_fails(reader, "a bracket is open");
                end = close + 1;
            } else if (isalnum((unsigned char)*end) || *end == '_' || *end == '.') {
                end++;
            } else {
                break;
            }
        }
        reader->at = end;
    }
    if (begin == end && !side->quoted) return side_fails(reader, "the expression has a form that is not translated");
    const char *source = arena_copy(w->arena, begin, (size_t)(end - begin));
    struct walk_said said = walk_value(w, reader->node, source);
    if (!said.good) return side_fails(reader, said.why);
    if (strstr(source, "$[")) return side_fails(reader, "an expression within an expression");
    if (!side->quoted && !said.bare) return side_fails(reader, "a text without quotes that may be an expression");
    if (!side->quoted && !said.constant) {
        if (reader->guard_count == SAID_GUARDS) return side_fails(reader, "the expression is too long");
        reader->guards[reader->guard_count++] = said.text;
    }
    long long number;
    side->number = said.constant && walk_number(said.plain, 999999999, &number);
    side->whole = said.whole;
    side->text = said.text;
    return true;
}

static const char *said_compare(struct said_reader *reader)
{
    static const char *const operators[] = {"==", "=", "!=", "<=", ">=", "<", ">"};
    struct said_side left, right;
    struct walk *w = reader->w;
    size_t which = 0;
    if (!said_side(reader, &left)) return NULL;
    said_blanks(reader);
    while (which < sizeof operators / sizeof *operators && !said_takes(reader, operators[which])) which++;
    if (which == sizeof operators / sizeof *operators) {
        if (left.condition) return left.condition;
        w->likeness = true;
        return left.quoted ? (side_fails(reader, "a text in quotes that is no comparison"), NULL)
                           : arena_printf(w->arena, "asterisk_true(%s)", left.text);
    }
    if (!said_side(reader, &right)) return NULL;
    if (left.condition || right.condition || left.quoted != right.quoted) {
        side_fails(reader, "it compares what is in quotes with what is not");
        return NULL;
    }
    if (which < 3) {
        const char *equal = left.quoted ? arena_printf(w->arena, "%s == %s", left.text, right.text)
                                        : arena_printf(w->arena, "asterisk_same(%s, %s)", left.text, right.text);
        w->likeness = w->likeness || !left.quoted;
        return which == 2 ? arena_printf(w->arena, "not (%s)", equal) : arena_printf(w->arena, "(%s)", equal);
    }
    if (left.quoted || !left.whole || !right.whole) {
        side_fails(reader, "it compares by their order what may be texts or fractions");
        return NULL;
    }
    bool turned = which == 3 || which == 6; /* a <= b is written as not b < a, and a > b as b < a */
    bool negated = which == 3 || which == 4;
    w->likeness = true;
    return arena_printf(w->arena, "%sasterisk_less(%s, %s)", negated ? "not " : "", turned ? right.text : left.text,
                        turned ? left.text : right.text);
}

static const char *said_and(struct said_reader *reader)
{
    const char *left = said_compare(reader);
    while (left && said_takes(reader, "&")) {
        const char *right = said_compare(reader);
        left = right ? arena_printf(reader->w->arena, "(%s and %s)", left, right) : NULL;
    }
    return left;
}

static const char *said_or(struct said_reader *reader)
{
    const char *left = said_and(reader);
    while (left && said_takes(reader, "|")) {
        const char *right = said_and(reader);
        left = right ? arena_printf(reader->w->arena, "(%s or %s)", left, right) : NULL;
    }
    return left;
}

/* Translates $[a + b] and $[a - b] of whole numbers. */
static struct walk_said said_sum(struct walk *w, const struct walk_node *node, const char *inner)
{
    struct said_reader reader = {.w = w, .node = node, .at = inner};
    struct said_side left, right;
    bool good = strlen(inner) < SAID_BYTES && said_side(&reader, &left) && !left.quoted && !left.condition;
    const char *function = NULL;
    if (good)
        function = said_takes(&reader, "+") ? "asterisk_plus" : said_takes(&reader, "-") ? "asterisk_minus" : NULL;
    good = function && said_side(&reader, &right) && !right.quoted && !right.condition;
    said_blanks(&reader);
    if (!good || *reader.at || (!left.number && !right.number))
        return walk_said_bad(reader.why ? reader.why : "an expression that is neither a comparison nor a count");
    w->likeness = true;
    return (struct walk_said){.good = true,
                              .bare = true,
                              .whole = true,
                              .text = arena_printf(w->arena, "%s(%s, %s)", function, left.text, right.text)};
}

const char *walk_condition(struct walk *w, const struct walk_node *node, const char *text, const char **why)
{
    size_t length = strlen(text);
    *why = "the condition has a form that is not translated";
    if (length > SAID_BYTES) return NULL;
    if (strncmp(text, "$[", 2) == 0 && said_close(text + 1, ']') == text + length - 1) {
        struct said_reader reader = {.w = w, .node = node, .at = arena_copy(w->arena, text + 2, length - 3)};
        const char *condition = said_or(&reader);
        said_blanks(&reader);
        if (reader.why) *why = reader.why;
        if (!condition || *reader.at) return NULL;
        for (unsigned i = reader.guard_count; i > 0; i--) {
            w->likeness = true;
            condition = arena_printf(w->arena, "asterisk_bare(%s) and %s", reader.guards[i - 1], condition);
        }
        return condition;
    }
    struct walk_said said = walk_value(w, node, text);
    if (!said.good) *why = said.why;
    if (!said.good) return NULL;
    w->likeness = true;
    return arena_printf(w->arena, "asterisk_true(%s)", said.text);
}

void walk_set(struct walk *w, struct flow_block *block, const char *name, struct walk_said said)
{
    struct walk_variable *variable = walk_variable(w, name);
    if (!said.good && !variable->lost) variable->lost = w->changed = true;
    if (!variable->set) variable->set = w->changed = true;
    if (said.good && !said.bare && variable->bare) {
        variable->bare = false;
        w->changed = true;
    }
    if (said.good && !said.whole && variable->whole) {
        variable->whole = false;
        w->changed = true;
    }
    if (said.good && variable->read) given_say(block, "%s = %s;\n", variable->ident, said.text);
}
