/* compiler/import/names.c - Makes names for gcx of the source's names, each used once.
 *
 *     "Play Welcome!" -> Play_Welcome_        characters that no name has become _
 *     a second one    -> Play_Welcome__2      numbered, until it is free
 *     "select"        -> select_              a word of the language has _ behind it
 *
 * The tables are open hash tables (struct flow_names) in the arena, at most half full. A name of the site keeps its
 * own spelling in quotes (name_label()), since installations know it by that spelling. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/import/writer.h"
#include "compiler/language/types.h"
#include "base/shown.h"

/* Words that mean something in gcx: a name of the source that equals one of them gets a _ at its end. Of names with
 * points, such as ivr.play and contact.id, the first word is one of them. */
static const char *const name_reserved[] = {
#define WORD(text, token, use) text,
#include "compiler/syntax/words.def"
#define ATTRIBUTE(name, ...) #name,
#define CONTACT(...)
#include "vm/attributes.def"
#undef ATTRIBUTE
#define STEP(id, name, ...) name,
#include "vm/steps.def"
#define MEDIA(word, ...) word,
#include "runtime/vocabulary/media.def"
#define TYPE(name, text, declarable) text,
    BASE_TYPES(TYPE)
#undef TYPE
    /* words that are in none of these tables: the types list, map and weekday, functions, endpoints, first words of
       other attributes, and names that the writer itself declares */
    "list",
    "map",
    "weekday",
    "min",
    "max",
    "abs",
    "sample",
    "http",
    "data",
    "contact",
    "main",
    "chosen",
    "forced"};

static bool name_is_reserved(const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i < sizeof name_reserved / sizeof *name_reserved; i++)
        if (strcspn(name_reserved[i], ".") == length && strncmp(word, name_reserved[i], length) == 0) return true;
    return false;
}

static size_t names_hash(const char *name)
{
    size_t hash = 5381;
    for (; *name; name++) hash = hash * 33 ^ (unsigned char)*name;
    return hash;
}

static struct name_slot *names_slot(const struct flow_names *names, const char *name)
{
    size_t at = names_hash(name) & (names->room - 1);
    while (names->slots[at].name && strcmp(names->slots[at].name, name) != 0) at = (at + 1) & (names->room - 1);
    return &names->slots[at];
}

void *flow_names_find(const struct flow_names *names, const char *name)
{
    return names->room ? names_slot(names, name)->what : NULL;
}

bool flow_names_add(struct arena *arena, struct flow_names *names, const char *name, void *what)
{
    if (2 * (names->count + 1) > names->room) {
        struct flow_names grown = {.room = names->room ? 2 * names->room : 16};
        grown.slots = ARENA_ARRAY(arena, struct name_slot, grown.room);
        for (size_t i = 0; i < names->room; i++)
            if (names->slots[i].name) *names_slot(&grown, names->slots[i].name) = names->slots[i];
        grown.count = names->count;
        *names = grown;
    }
    struct name_slot *slot = names_slot(names, name);
    if (slot->name) return false;
    *slot = (struct name_slot){.name = name, .what = what};
    names->count++;
    return true;
}

/* Returns a word that may be a name in gcx. */
static const char *name_word(struct arena *arena, const char *name)
{
    size_t length = strlen(name);
    if (length > 60) length = 60;
    char *word = ARENA_ARRAY(arena, char, length + 4), *to = word;
    if (length == 0 || isdigit((unsigned char)*name)) *to++ = 'n', *to++ = '_';
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)name[i];
        *to++ = (char)(c < 0x80 && isalnum(c) ? c : '_');
    }
    if (name_is_reserved(word)) *to++ = '_';
    return word;
}

/* Returns a name that is not used yet, also not in `other`, and enters it in `names`. The last number given to a
 * word is remembered, so that a thousand blocks of one name do not search from the beginning each time. */
const char *name_fresh(struct arena *arena, struct flow_names *names, const struct flow_names *other, const char *name)
{
    static char taken[] = "";
    const char *word = name_word(arena, name), *fresh = word;
    bool is_free = flow_names_add(arena, names, word, taken) && !(other && flow_names_find(other, word));
    /* numbers continue after the last one given to this word */
    for (unsigned n = names_slot(names, word)->numbered; !is_free;) {
        fresh = arena_printf(arena, "%s_%u", word, ++n + 1);
        is_free = !(other && flow_names_find(other, fresh)) && flow_names_add(arena, names, fresh, taken);
        names_slot(names, word)->numbered = n;
    }
    return fresh;
}

void names_of_module(struct importer *import, const char *text)
{
    static const char *const begins[] = {"\nfunction ", "\nconst "};
    static char declared[] = "";
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        for (const char *at = text; (at = strstr(at, begins[i]));) {
            at += strlen(begins[i]);
            const char *name = arena_copy(import->arena, at, strcspn(at, "( "));
            flow_names_add(import->arena, &import->names, name, declared);
        }
}

/* Returns a text of gcx: quotes, braces, control characters and invalid UTF-8 are escaped so that they mean
 * themselves. */
const char *name_quoted(struct arena *arena, const char *text, bool whole)
{
    size_t length = strlen(text), used = 0;
    char *quoted = ARENA_ARRAY(arena, char, length *SHOWN_MAX + 3);
    if (whole) quoted[used++] = '"';
    for (size_t at = 0; at < length;) {
        unsigned bytes = 1;
        char shown[SHOWN_MAX];
        char c = text[at];
        if (c == '\n' || c == '\t') {
            quoted[used++] = '\\', quoted[used++] = c == '\t' ? 't' : 'n';
        } else if (c == '"' || c == '\\') {
            quoted[used++] = '\\', quoted[used++] = c;
        } else if (c == '{' || c == '}') {
            quoted[used++] = c, quoted[used++] = c;
        } else if (shown_next((const uint8_t *)text + at, length - at, &bytes, shown)) {
            memcpy(quoted + used, text + at, bytes);
            used += bytes;
        } else {
            /* an escape with its number, as the language itself writes it */
            memcpy(quoted + used, shown, strlen(shown));
            used += strlen(shown);
        }
        at += bytes;
    }
    if (whole) quoted[used++] = '"';
    return quoted;
}

const char *name_label(struct arena *arena, const char *name)
{
    const char *word = name_word(arena, name);
    if (strcmp(word, name) == 0) return name;
    size_t length = strnlen(name, 60); /* a test prints 64 bytes of a name */
    if (strspn(name, " \t\r\n") >= length) return "unnamed";
    char *copy = arena_copy(arena, name, length);
    for (char *c = copy; *c; c++)
        if (strchr("{}\"\\\n\r\t", *c)) *c = '_';
    return name_quoted(arena, copy, true);
}

/* Writes text from outside as a comment: each line of it gets its own slashes, so that none becomes a statement. The
 * text before each line may be from outside, too. */
static void comment_lines(FILE *out, const char *slashes, const char *before, const char *text)
{
    char *first = shown_copy(before);
    while (*text) {
        size_t length = strcspn(text, "\r\n");
        char *line = malloc(length + 1);
        if (!line) abort();
        memcpy(line, text, length);
        line[length] = '\0';
        char *at = line + strspn(line, " \t");
        for (char *c = at; *c; c++)
            if (*c == '\t') *c = ' ';
        for (size_t end = strlen(at); end > 0 && at[end - 1] == ' ';) at[--end] = '\0';
        if (*at) {
            char *shown = shown_copy(at);
            fprintf(out, "%s %s%s\n", slashes, first, shown);
            free(shown);
        }
        free(line);
        text += length;
        text += strspn(text, "\r\n");
    }
    free(first);
}

void import_remark_line(FILE *out, const char *before, const char *text)
{
    comment_lines(out, "//", before, text);
}

void import_doc_line(FILE *out, const char *text)
{
    comment_lines(out, "///", "", text);
}

/* Adds a declaration to the site; it replaces an earlier one with the same key. */
static void site_add(struct importer *import, const char *key, const struct site_name *name)
{
    struct site_name *declared = flow_names_find(&import->site_names, key);
    if (declared) { /* the later declaration knows more */
        declared->name = name->name, declared->doc = name->doc;
        return;
    }
    declared = ARENA_NEW(import->arena, struct site_name);
    *declared = *name;
    flow_names_add(import->arena, &import->site_names, key, declared);
    *import->site_end = declared;
    import->site_end = &declared->next;
}

void import_declare_whole(struct importer *import, const char *kind, const char *name, const char *declaration)
{
    struct site_name declared = {.kind = kind, .name = declaration, .doc = ""};
    site_add(import, arena_printf(import->arena, "%s %s", kind, name), &declared);
}

const char *site_declare(struct importer *import, const char *kind, const char *name, const char *doc)
{
    const char *label = name_label(import->arena, name), *key = arena_printf(import->arena, "%s %s", kind, label);
    struct site_name declared = {.kind = kind, .name = label, .doc = doc};
    site_add(import, key, &declared);
    return label;
}
