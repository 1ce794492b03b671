/* compiler/view/phrase.c - The source of a tree on one line; and the comparison of two trees.
 *
 * Comparisons and graphs show such phrases: the source without its line breaks and comments. Strings and SQL texts
 * do not change within quotes, since spaces have a meaning there. Two trees are equal if all fields of ast.def are,
 * except for places; SQL is compared without its layout. phrase_node_hash() agrees with phrase_node_same(): equal
 * trees have the same hash, which therefore ignores all white space, and rounds real numbers. */
#include "compiler/view/phrase.h"

#include <string.h>

/* ---- on one line ---- */

struct squeeze { /* copies from `at` to `end` into `out` */
    const char *at, *end;
    char *out;
    size_t length;
    bool space; /* a space has to be written before the next character */
};

static void squeeze_put(struct squeeze *s, char c)
{
    if (s->space && s->length > 0 && !strchr("([", s->out[s->length - 1]) && !strchr(")],;", c))
        s->out[s->length++] = ' ';
    s->space = false;
    s->out[s->length++] = c;
}

/* Copies from one quote to the next, unchanged; `escapes`: a backslash belongs to the next character. */
static void put_quoted(struct squeeze *s, char quote, bool escapes)
{
    squeeze_put(s, *s->at++);
    while (s->at < s->end && *s->at != quote) {
        if (escapes && *s->at == '\\' && s->at + 1 < s->end) s->out[s->length++] = *s->at++;
        s->out[s->length++] = *s->at++;
    }
    if (s->at < s->end) s->out[s->length++] = *s->at++;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The layout of SQL has no meaning, except in its strings. */
static void put_sql(struct squeeze *s)
{
    squeeze_put(s, *s->at++);
    while (s->at < s->end && *s->at != '`') {
        if (*s->at == '\'') {
            put_quoted(s, '\'', false);
        } else if (is_space(*s->at)) {
            s->space = true;
            s->at++;
        } else {
            squeeze_put(s, *s->at++);
        }
    }
    s->space = false;
    if (s->at < s->end) squeeze_put(s, *s->at++);
}

const char *view_phrase(struct arena *arena, const struct source_set *sources, struct source_span span)
{
    const struct source *source = source_set_at(sources, span.begin);
    if (!source || span.end < span.begin || span.end - source->base > source->length) return "";
    struct squeeze s = {.at = source->text + (span.begin - source->base),
                        .end = source->text + (span.end - source->base)};
    s.out = arena_alloc(arena, 2 * (size_t)(s.end - s.at) + 2);
    while (s.at < s.end) {
        if (is_space(*s.at)) {
            s.space = true;
            s.at++;
        } else if (*s.at == '/' && s.at + 1 < s.end && s.at[1] == '/') {
            while (s.at < s.end && *s.at != '\n') s.at++;
        } else if (*s.at == '"') {
            put_quoted(&s, '"', true);
        } else if (*s.at == '`') {
            put_sql(&s);
        } else {
            squeeze_put(&s, *s.at++);
        }
    }
    s.out[s.length] = '\0';
    return s.out;
}

/* ---- the same ---- */

bool phrase_words_same(struct word a, struct word b)
{
    return a.text && b.text ? strcmp(a.text, b.text) == 0 : a.text == b.text;
}

static bool texts_same(struct literal a, struct literal b)
{
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

/* Are the two SQL texts equal, except for white space? */
static bool statements_same(struct literal a, struct literal b)
{
    size_t i = 0, j = 0;
    bool quoted = false;
    while (i < a.length && j < b.length) {
        bool space = is_space(a.bytes[i]) && is_space(b.bytes[j]) && !quoted;
        if (!space && a.bytes[i] != b.bytes[j]) return false;
        if (a.bytes[i] == '\'') quoted = !quoted;
        do i++;
        while (space && i < a.length && is_space(a.bytes[i]));
        do j++;
        while (space && j < b.length && is_space(b.bytes[j]));
    }
    return i == a.length && j == b.length;
}

bool phrase_nodes_same(struct nodes a, struct nodes b)
{
    const struct node *other = b.first;
    if (a.count != b.count) return false;
    EACH_NODE (node, a) {
        if (!phrase_node_same(node, other)) return false;
        other = other->next;
    }
    return true;
}

static bool sql_same(struct nodes a, struct nodes b)
{
    const struct node *other = b.first;
    if (a.count != b.count) return false;
    EACH_NODE (part, a) {
        bool text = part->kind == NODE_STRING && other->kind == NODE_STRING;
        if (text ? !statements_same(part->string.text, other->string.text) : !phrase_node_same(part, other))
            return false;
        other = other->next;
    }
    return true;
}

bool phrase_node_same(const struct node *a, const struct node *b)
{
    if (!a || !b) return a == b;
    if (a->kind != b->kind) return false;
    if (a->kind == NODE_SQL) return sql_same(a->sql.parts, b->sql.parts);
    bool same = true;
#define ONE(f)    same = same && phrase_node_same(part->f, other->f);
#define MANY(f)   same = same && phrase_nodes_same(part->f, other->f);
#define APART(f)  same = same && phrase_nodes_same(part->f, other->f);
#define WORD(f)   same = same && phrase_words_same(part->f, other->f);
#define TEXT(f)   same = same && texts_same(part->f, other->f);
#define FLAG(f)   same = same && part->f == other->f;
#define NUMBER(f) same = same && part->f == other->f;
#define REAL(f)   same = same && !(part->f < other->f) && !(part->f > other->f);
#define KIND(f)   same = same && part->f == other->f;
#define WHICH(f)  same = same && part->f == other->f;
    switch (a->kind) {
#define NODE(KIND_, member, words, fields)                                                                             \
    case NODE_##KIND_: {                                                                                               \
        const __typeof__(a->member) *part = &a->member, *other = &b->member;                                           \
        (void)part;                                                                                                    \
        (void)other;                                                                                                   \
        fields                                                                                                         \
    } break;
#include "compiler/syntax/ast.def"
    case NODE_KINDS:
        break;
    }
    return same;
}

/* ---- the hash of a tree ---- */

static uint64_t phrase_mixed(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15; /* from the golden ratio, as in Knuth's multiplicative hashing */
    return hash ^ hash >> 32;
}

static uint64_t bytes_hash(uint64_t hash, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!is_space(bytes[i]))
            hash = phrase_mixed(hash, (unsigned char)bytes[i]); /* in SQL white space may be
                                                                 * anywhere */
    return phrase_mixed(hash, 0x100);
}

static uint64_t nodes_hash(struct nodes nodes)
{
    uint64_t hash = nodes.count;
    EACH_NODE (node, nodes) hash = phrase_mixed(hash, phrase_node_hash(node));
    return hash;
}

uint64_t phrase_node_hash(const struct node *node)
{
    if (!node) return 0;
    uint64_t hash = phrase_mixed(1, node->kind);
#define ONE(f)    hash = phrase_mixed(hash, phrase_node_hash(part->f));
#define MANY(f)   hash = phrase_mixed(hash, nodes_hash(part->f));
#define APART(f)  hash = phrase_mixed(hash, nodes_hash(part->f));
#define WORD(f)   hash = bytes_hash(hash, part->f.text ? part->f.text : "", part->f.text ? strlen(part->f.text) : 0);
#define TEXT(f)   hash = bytes_hash(hash, part->f.bytes, part->f.length);
#define FLAG(f)   hash = phrase_mixed(hash, part->f);
#define NUMBER(f) hash = phrase_mixed(hash, (uint64_t)part->f);
#define REAL(f)   hash = phrase_mixed(hash, (uint64_t)(int64_t)(part->f > -1e15 && part->f < 1e15 ? part->f * 1000 : 0));
#define KIND(f)   hash = phrase_mixed(hash, (uint64_t)part->f);
#define WHICH(f)  hash = phrase_mixed(hash, (uint64_t)part->f);
#include "compiler/syntax/each_field.h"
    return hash;
}
