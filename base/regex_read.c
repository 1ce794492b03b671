/* base/regex_read.c - Parses an expression into a tree, and reports what is wrong in it.
 *
 *     choice    sequence | sequence ...
 *     sequence  atom with up to two repeats, atom ...
 *     atom      ( choice )   [ set ]   .   ^   $   \sign   or one character
 *
 * A fault moves the reading position to the end of the expression, so that every parsing function returns soon; only
 * the first fault is reported. */
#include <assert.h>

#include "base/regex_tree.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 100, REPEAT_MAX = 255, RANGES_MAX = 512 };

static struct regex_tree *regex_read_tree(struct regex_reading *n, enum tree_kind kind, struct regex_tree *left,
                                          struct regex_tree *right)
{
    struct regex_tree *made = ARENA_NEW(n->arena, struct regex_tree);
    *made = (struct regex_tree){.kind = kind, .left = left, .right = right};
    return made;
}

static struct regex_tree *regex_fail(struct regex_reading *n, const char *what)
{
    if (!n->wrong) n->wrong = what;
    n->at = n->end;
    return regex_read_tree(n, TREE_EMPTY, NULL, NULL);
}

static bool regex_more(const struct regex_reading *n)
{
    return n->at < n->end;
}

/* Reads one character; the text is valid UTF-8, as the scanner has checked. */
static uint32_t code_point(struct regex_reading *n)
{
    assert(regex_more(n));
    uint8_t lead = (uint8_t)*n->at++;
    uint32_t length = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    uint32_t point = lead < 0x80 ? lead : lead & (0x3FU >> length);
    for (; length > 0 && regex_more(n); length--) point = point << 6 | ((uint8_t)*n->at++ & 0x3FU);
    return point;
}

/* A set of characters in brackets while it is read. */
struct set {
    struct regex_range ranges[RANGES_MAX];
    uint32_t count;
};

static void set_add(struct regex_reading *n, struct set *set, uint32_t low, uint32_t high)
{
    if (set->count == RANGES_MAX)
        regex_fail(n, "there is too much in the brackets");
    else
        set->ranges[set->count++] = (struct regex_range){low, high};
}

static int by_low(const void *left, const void *right)
{
    const struct regex_range *a = left, *b = right;
    return (a->low > b->low) - (a->low < b->low);
}

/* Makes the node of a set: its ranges in order, joined where they touch, or the gaps between them if it is negated. */
static struct regex_tree *set_tree(struct regex_reading *n, struct set *set, bool negated)
{
    assert(set->count <= RANGES_MAX);
    struct regex_tree *made = regex_read_tree(n, TREE_SET, NULL, NULL);
    made->ranges = ARENA_ARRAY(n->arena, struct regex_range, set->count + 2);
    qsort(set->ranges, set->count, sizeof *set->ranges, by_low);
    uint32_t next = 1; /* the first character that is not in the set so far; there is no character 0 */
    for (uint32_t i = 0; i < set->count; i++) {
        struct regex_range range = set->ranges[i];
        struct regex_range *last = made->count ? &made->ranges[made->count - 1] : NULL;
        if (negated) {
            if (range.low > next) made->ranges[made->count++] = (struct regex_range){next, range.low - 1};
        } else if (last && range.low <= last->high + 1) {
            if (range.high > last->high) last->high = range.high;
        } else {
            made->ranges[made->count++] = range;
        }
        if (range.high >= next) next = range.high + 1;
    }
    if (negated && next <= REGEX_LAST_CODE_POINT)
        made->ranges[made->count++] = (struct regex_range){next, REGEX_LAST_CODE_POINT};
    return made;
}

/* Reads a [:class:], which stands for ranges of ASCII characters. */
static void regex_add_class(struct regex_reading *n, struct set *set)
{
    static const struct {
        const char *name;
        uint8_t ranges[8];
    } classes[] = {
        {"digit", {'0', '9'}},
        {"alpha", {'A', 'Z', 'a', 'z'}},
        {"alnum", {'0', '9', 'A', 'Z', 'a', 'z'}},
        {"upper", {'A', 'Z'}},
        {"lower", {'a', 'z'}},
        {"xdigit", {'0', '9', 'A', 'F', 'a', 'f'}},
        {"space", {'\t', '\r', ' ', ' '}},
        {"punct", {'!', '/', ':', '@', '[', '`', '{', '~'}},
    };
    const char *name = n->at + 2, *end = name;
    while (end + 1 < n->end && !(end[0] == ':' && end[1] == ']')) end++;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (strlen(classes[i].name) != (size_t)(end - name) || memcmp(classes[i].name, name, (size_t)(end - name)))
            continue;
        for (int j = 0; j < 8 && classes[i].ranges[j]; j += 2)
            set_add(n, set, classes[i].ranges[j], classes[i].ranges[j + 1]);
        n->at = end + 2;
        return;
    }
    regex_fail(n, "there is no such [:class:]");
}

/* Reads a set. A closing bracket that comes first is a character of the set. */
static struct regex_tree *read_brackets(struct regex_reading *n)
{
    struct set set = {.count = 0};
    n->at++;
    bool negated = regex_more(n) && *n->at == '^';
    if (negated) n->at++;
    for (bool first = true; regex_more(n) && (first || *n->at != ']'); first = false) {
        if (n->at + 1 < n->end && n->at[0] == '[' && n->at[1] == ':') {
            regex_add_class(n, &set);
            continue;
        }
        uint32_t low = code_point(n), high = low;
        if (n->at + 1 < n->end && n->at[0] == '-' && n->at[1] != ']') {
            n->at++;
            high = code_point(n);
        }
        if (high < low) return regex_fail(n, "a range in brackets goes from the smaller to the larger");
        set_add(n, &set, low, high);
    }
    if (!regex_more(n)) return regex_fail(n, "a bracket is not closed");
    n->at++;
    return set_tree(n, &set, negated);
}

static struct regex_tree *one_character(struct regex_reading *n, uint32_t point)
{
    struct set set = {.ranges = {{point, point}}, .count = 1};
    return set_tree(n, &set, false);
}

static struct regex_tree *read_escaped(struct regex_reading *n)
{
    assert(regex_more(n) && *n->at == '\\');
    n->at++;
    if (!regex_more(n)) return regex_fail(n, "a backslash stands at the end");
    if ((unsigned char)*n->at < 0x80 && !strchr("\\.[](){}|*+?^$/-\"", *n->at))
        return regex_fail(n, "a backslash stands before a sign only; digits are [0-9]");
    return one_character(n, code_point(n));
}

/* Reads the smallest part that can be repeated. */
static struct regex_tree *read_atom(struct regex_reading *n)
{
    struct set none = {.count = 0};
    switch (*n->at) {
    case '(': {
        if (++n->depth > DEPTH_MAX) return regex_fail(n, "groups are nested too deep");
        n->at++;
        struct regex_tree *inner = regex_read(n);
        n->depth--;
        if (!regex_more(n)) return regex_fail(n, "a group is not closed");
        n->at++;
        return inner;
    }
    case '[':
        return read_brackets(n);
    case '.':
        n->at++;
        return set_tree(n, &none, true);
    case '^':
        n->at++;
        return regex_read_tree(n, TREE_BEGIN, NULL, NULL);
    case '$':
        n->at++;
        return regex_read_tree(n, TREE_END, NULL, NULL);
    case '\\':
        return read_escaped(n);
    case '*':
    case '+':
    case '?':
    case '{':
        return regex_fail(n, "there is nothing to repeat");
    default:
        return one_character(n, code_point(n));
    }
}

static bool regex_read_number(struct regex_reading *n, uint32_t *number)
{
    const char *begin = n->at;
    for (*number = 0; regex_more(n) && *n->at >= '0' && *n->at <= '9' && *number <= REPEAT_MAX; n->at++)
        *number = *number * 10 + (uint32_t)(*n->at - '0');
    return n->at > begin && *number <= REPEAT_MAX;
}

/* Reads the `*`, `+` or `?`, or the numbers in braces, after `what`, and returns the repeat. */
static struct regex_tree *read_repeat(struct regex_reading *n, struct regex_tree *what)
{
    assert(regex_more(n) && what);
    struct regex_tree *made = regex_read_tree(n, TREE_REPEAT, what, NULL);
    char sign = *n->at++;
    made->least = sign == '+';
    made->most = sign == '?' ? 1 : REGEX_ANY;
    if (sign != '{') return made;
    if (!regex_read_number(n, &made->least))
        return regex_fail(n, "in braces stands how often: {2}, {2,} or {2,5}, at most 255");
    made->most = made->least;
    if (regex_more(n) && *n->at == ',') {
        n->at++;
        made->most = REGEX_ANY;
        if (regex_more(n) && *n->at != '}' && !regex_read_number(n, &made->most)) made->most = 0;
    }
    if (!regex_more(n) || *n->at != '}' || made->most < made->least)
        return regex_fail(n, "in braces stands how often: {2}, {2,} or {2,5}, at most 255");
    n->at++;
    return made;
}

static struct regex_tree *read_sequence(struct regex_reading *n)
{
    struct regex_tree *all = NULL;
    while (regex_more(n) && *n->at != '|' && *n->at != ')') {
        struct regex_tree *part = read_atom(n);
        for (int i = 0; regex_more(n) && *n->at && strchr("*+?{", *n->at); i++) {
            if (i == 2) return regex_fail(n, "this is repeated too often");
            part = read_repeat(n, part);
        }
        all = all ? regex_read_tree(n, TREE_THEN, all, part) : part;
    }
    return all ? all : regex_read_tree(n, TREE_EMPTY, NULL, NULL);
}

struct regex_tree *regex_read(struct regex_reading *n)
{
    struct regex_tree *all = read_sequence(n);
    while (regex_more(n) && *n->at == '|') {
        n->at++;
        all = regex_read_tree(n, TREE_OR, all, read_sequence(n));
    }
    if (regex_more(n) && *n->at == ')' && !n->depth) return regex_fail(n, "a group is closed that was not opened");
    return all;
}
