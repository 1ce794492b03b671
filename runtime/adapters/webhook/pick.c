/* runtime/adapters/webhook/pick.c - Placeholders in texts, and paths in JSON documents.
 *
 *     text      "https://x/{0/id}/{{"    places in braces; {{ is one brace
 *     path      entry, *, messages, *    down from the document; * is each element of a list
 *     trail     document, entry[1], messages, messages[0]    the objects on the way down
 *     pointer   "2/name"                 two steps up the trail, then down
 *               "1/users/id=0~1from/name"
 *                                        in the list `users`, the one whose id is the value at 0/from
 *
 * A path has a slash before each of its words. Pointers are those of RFC 6901 after a number of steps up, as in
 * relative JSON pointers. */
#include "runtime/adapters/webhook/pick.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { POINTER_BYTES = 256, REAL_DIGITS = 12 };

/* Returns the length of the placeholder that begins after a brace; 0: it has no end, or is empty. */
static size_t place_length(const char *text)
{
    size_t length = strcspn(text, "{}");
    return text[length] == '}' && length < POINTER_BYTES ? length : 0;
}

/* Are the braces of the text right? A single closing brace is a mistake. */
bool pick_is_good(const char *text)
{
    while ((text = strpbrk(text, "{}"))) {
        size_t length = *text == '{' && text[1] == '{' ? 1 : *text == '{' ? place_length(text + 1) : 0;
        if (length == 0) return false;
        text += length + 1 + (text[1] != '{');
    }
    return true;
}

/* Fills in a text; false: a placeholder has no value, and nothing is added to `to`. */
bool pick_fill(const char *text, pick_find *find, void *self, GString *to)
{
    assert(pick_is_good(text));
    const gsize before = to->len;
    char name[POINTER_BYTES];
    while (*text) {
        size_t plain = strcspn(text, "{");
        g_string_append_len(to, text, (gssize)plain);
        text += plain;
        if (*text == '\0') break;
        if (text[1] == '{') {
            g_string_append_c(to, '{');
            text += 2;
            continue;
        }
        size_t length = place_length(text + 1);
        memcpy(name, text + 1, length);
        name[length] = '\0';
        if (!find(self, name, to)) {
            g_string_truncate(to, before);
            return false;
        }
        text += length + 2;
    }
    return true;
}

struct places_told {
    bool (*may)(void *self, const char *name);
    void *self;
};

static bool place_tell(void *self, const char *name, GString *to)
{
    const struct places_told *told = self;
    (void)to;
    return told->may(told->self, name);
}

bool pick_places(const char *text, bool (*may)(void *self, const char *name), void *self)
{
    GString *unused = g_string_new(NULL);
    bool good = pick_fill(text, place_tell, &(struct places_told){may, self}, unused);
    g_string_free(unused, TRUE);
    return good;
}

/* ---- documents ---- */

/* Copies the next word of a pointer, without its escapes. Returns what follows the word; NULL: there is no word, or
 * it is too long. */
static const char *pointer_word(const char *pointer, char word[POINTER_BYTES])
{
    size_t length = 0;
    if (*pointer++ != '/') return NULL;
    for (; *pointer && *pointer != '/'; pointer++) {
        if (length + 1 == POINTER_BYTES) return NULL;
        bool escaped = *pointer == '~' && (pointer[1] == '0' || pointer[1] == '1');
        word[length++] = !escaped ? *pointer : pointer[1] == '0' ? '~' : '/';
        if (escaped) pointer++;
    }
    word[length] = '\0';
    return pointer;
}

/* Is the path valid? `depth` becomes its number of words, which limits how many steps up a pointer may go. */
bool pick_path_is_good(const char *path, unsigned *depth)
{
    char word[POINTER_BYTES];
    for (*depth = 0; path && *path; ++*depth) path = pointer_word(path, word);
    return path && *depth < PICK_DEPTH;
}

bool pick_pointer_is_good(const char *pointer, unsigned depth)
{
    char *path;
    unsigned steps;
    guint64 up = g_ascii_strtoull(pointer, &path, 10);
    if (!g_ascii_isdigit(*pointer) || up > depth || (*path != '\0' && !pick_path_is_good(path, &steps))) return false;
    char word[POINTER_BYTES];
    for (const char *rest = path; *rest;) { /* a word MEMBER=POINTER contains a pointer of its own */
        rest = pointer_word(rest, word);
        const char *named = strchr(word, '=');
        if (named && (strchr(named + 1, '=') || !pick_pointer_is_good(named + 1, depth))) return false;
    }
    return true;
}

/* Returns the member of an object, or the element of a list, of which `-` is the last. */
static json_t *json_member_of(const json_t *of, const char *word)
{
    char *end;
    if (json_is_object(of)) return json_object_get(of, word);
    if (json_is_array(of) && strcmp(word, "-") == 0 && json_array_size(of) > 0)
        return json_array_get(of, json_array_size(of) - 1);
    if (!json_is_array(of) || !g_ascii_isdigit(*word)) return NULL;
    guint64 at = g_ascii_strtoull(word, &end, 10);
    return *end == '\0' ? json_array_get(of, (size_t)at) : NULL;
}

/* Returns the list's first object whose MEMBER equals the value at POINTER of the trail; the word is MEMBER=POINTER. */
static json_t *member_like(const struct trail *trail, json_t *list, const char *word)
{
    const char *equals = strchr(word, '=');
    char *member = g_strndup(word, (gsize)(equals - word));
    const json_t *wanted = pick_value(trail, equals + 1);
    json_t *one, *found = NULL;
    size_t index;
    json_array_foreach(list, index, one) if (!found && wanted && json_equal(json_object_get(one, member), wanted))
        found = one;
    g_free(member);
    return found;
}

/* Returns the value at the pointer; NULL: there is none. The document owns the value. */
json_t *pick_value(const struct trail *trail, const char *pointer)
{
    char word[POINTER_BYTES], *path;
    guint64 up = g_ascii_strtoull(pointer, &path, 10);
    assert(path != pointer && up < trail->count); /* pick_pointer_is_good() has checked that */
    json_t *at = trail->at[trail->count - 1 - up];
    for (const char *rest = path; at && *rest;) {
        rest = pointer_word(rest, word);
        if (!rest) return NULL;
        at = json_is_array(at) && strchr(word, '=') ? member_like(trail, at, word) : json_member_of(at, word);
    }
    return at;
}

bool pick_number_in_trail(void *trail, const char *name, GString *to)
{
    const json_t *value = pick_value(trail, name);
    if (!json_is_real(value)) return pick_in_trail(trail, name, to);
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS));
    g_string_append(to, text ? text : "");
    free(text);
    return true;
}

/* Appends the value; false: there is none, or it is an object, list or null. */
bool pick_in_trail(void *trail, const char *name, GString *to)
{
    const json_t *value = pick_value(trail, name);
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_STRING:
        g_string_append_len(to, json_string_value(value), (gssize)json_string_length(value));
        return true;
    case JSON_INTEGER:
        g_string_append_printf(to, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        g_string_append(to, json_is_true(value) ? "true" : "false");
        return true;
    default:
        return false;
    }
}

struct walk {
    void (*take)(void *self, struct trail *);
    void *self;
    unsigned most, count;
    struct trail trail;
};

/* Goes on along the path; the depth and the number of results are limited. The trail is the same afterwards. */
static void pick_walk_on(struct walk *walk, json_t *at, const char *path)
{
    char word[POINTER_BYTES];
    size_t index;
    json_t *member;
    if (!at || walk->count >= walk->most || walk->trail.count == PICK_DEPTH) return;
    walk->trail.at[walk->trail.count++] = at;
    const char *rest = pointer_word(path, word);
    if (*path == '\0') {
        walk->count++;
        walk->take(walk->self, &walk->trail);
    } else if (rest && strcmp(word, "*") == 0) {
        if (json_is_array(at)) json_array_foreach(at, index, member) pick_walk_on(walk, member, rest);
    } else if (rest) {
        pick_walk_on(walk, json_member_of(at, word), rest);
    }
    walk->trail.count--;
}

unsigned pick_each(json_t *document, const char *path, unsigned most, void (*take)(void *self, struct trail *),
                   void *self)
{
    struct walk walk = {.take = take, .self = self, .most = most};
    pick_walk_on(&walk, document, path);
    assert(walk.trail.count == 0);
    return walk.count;
}

unsigned pick_below(const struct trail *trail, const char *path, unsigned most,
                    void (*take)(void *self, struct trail *), void *self)
{
    struct walk walk = {.take = take, .self = self, .most = most, .trail = *trail};
    assert(trail->count > 0);
    walk.trail.count--;
    pick_walk_on(&walk, trail->at[trail->count - 1], path);
    return walk.count;
}
