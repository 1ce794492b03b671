/* compiler/recovery/damage.c - Chooses the errors that no syntax error can have caused.
 *
 * A wrong word (a bad escape, a date that does not exist) does not damage its declaration: only errors at that word
 * are withheld. A syntax error damages a part of the text:
 *   - in a strategy, function or test the declaration, whose name is still known;
 *   - in the site one item;
 *   - elsewhere all text up to the next declaration.
 * An import that is lost there declared what stands in its file: each word of the damaged text that is a module, or a
 * file beside it, stands for the names in that one. An import of a file that is not there may have declared any name.
 *
 * An error elsewhere is reported under these conditions:
 *   - If the error's place is one name, that name must occur nowhere in damaged text. If the place is longer, it must
 * hold no name that damaged text may declare.
 *   - No name is reported as unknown where a damaged declaration lacks its name, or an import its file.
 *   - An error of a way through the calls (E06) must stand in a declaration that holds no such name at all.
 *   - An error that a default of the site would answer is withheld where a default may be lost. */
#include "compiler/recovery/damage.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/syntax/lexer.h"
#include "compiler/syntax/library.h"

enum {
    SPAN_LONGEST = 4096, /* a longer error has too many names to be reported */
    MODULES_SOUGHT = 64  /* so many words of damaged text are sought as files */
};

struct text {
    const char *at;
    uint32_t length;
};

struct words {
    struct arena *arena;
    struct text *all;
    size_t count, room;
};

struct damage {
    struct program *program;
    struct source_span *parts; /* the damaged parts, in the order of the text */
    size_t part_count;
    const struct node **units; /* all declarations, in the order of the text */
    size_t unit_count;
    struct words named;              /* all names that occur in damaged text */
    struct words declared;           /* the names that damaged text may declare */
    bool defaults_lost;              /* damaged text may have a default of the site */
    bool strings_lost;               /* damaged text may declare a name in quotes */
    bool nameless;                   /* a damaged declaration has lost its name */
    bool imports_lost;               /* it is not known what an import would have declared */
    struct source_span *words_wrong; /* wrong words in declarations that are not damaged */
    size_t wrong_count;
    const struct node *asked; /* the last unit for which unit_names_any() was called */
    bool asked_names;         /* its answer */
};

static bool code_begins_with(enum diag_code code, const char *area)
{
    return !strncmp(diag_code_text(code), area, strlen(area));
}

static bool is_of_words(enum diag_code code)
{
    return code_begins_with(code, "E01") || code_begins_with(code, "E02") || code == DIAG_SOURCE_CONTROL ||
           code == DIAG_NAME_EMPTY;
}

/* True: the error leaves its declaration undamaged. The parser then continued as if the word were right. */
static bool leaves_whole(enum diag_code code)
{
    bool took_more = code == DIAG_STRING_OPEN || code == DIAG_SQL_OPEN || code == DIAG_NOT_UTF8;
    return is_of_words(code) && !code_begins_with(code, "E02") && !took_more;
}

/* Does the error say that a name is not declared anywhere? */
static bool is_of_unknown(enum diag_code code)
{
    static const enum diag_code codes[] = {
        DIAG_UNKNOWN_MEASURE, DIAG_UNKNOWN_ENDPOINT, DIAG_UNKNOWN_NAME, DIAG_UNKNOWN_TYPE,      DIAG_UNKNOWN_FUNCTION,
        DIAG_UNKNOWN_STEP,    DIAG_NO_MEMBER,        DIAG_NO_PARAMETER, DIAG_UNKNOWN_KIND_NAME, DIAG_UNKNOWN_STRATEGY,
        DIAG_UNKNOWN_SIGNAL,  DIAG_TEST_STRATEGY,    DIAG_TEST_SOURCE,  DIAG_TEST_NOT_CONSTANT};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i] == code) return true;
    return false;
}

bool damage_is_of_defaults(enum diag_code code)
{
    static const enum diag_code codes[] = {DIAG_NO_TIMEOUT, DIAG_TIME_WITHOUT_ZONE, DIAG_NO_ZONE, DIAG_EVERYONE_UNASKED,
                                           DIAG_EXCLUDE_UNASKED};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i] == code) return true;
    return false;
}

bool damage_is_local(const struct program *program)
{
    for (const struct diag *diag = diags_first(program->diags); diag; diag = diag->next)
        if (diag_code_severity(diag->code) == ERROR && diag->code != DIAG_IMPORT_UNKNOWN &&
            (!is_of_words(diag->code) || diag->code == DIAG_NESTED_TOO_DEEP || diag->code == DIAG_NOT_UTF8))
            return false;
    return true;
}

/* Words */

static int compare_texts(const void *a, const void *b)
{
    const struct text *x = a, *y = b;
    if (x->length != y->length) return x->length < y->length ? -1 : 1;
    return memcmp(x->at, y->at, x->length);
}

static void damage_add_word(struct words *words, struct text text)
{
    if (words->count == words->room) {
        size_t room = words->room ? 2 * words->room : 64;
        struct text *all = ARENA_ARRAY(words->arena, struct text, room);
        if (words->count) memcpy(all, words->all, words->count * sizeof *all);
        words->all = all;
        words->room = room;
    }
    words->all[words->count++] = text;
}

static void sort_words(struct words *words)
{
    if (words->count) qsort(words->all, words->count, sizeof *words->all, compare_texts);
}

static bool damage_has_word(const struct words *words, struct text text)
{
    return words->count && bsearch(&text, words->all, words->count, sizeof text, compare_texts);
}

static bool in_word(char c)
{
    return c == '_' || isalnum((unsigned char)c);
}

/* Returns the end of the remark or string that begins at `p`, or else the next byte. */
static const char *damage_past(const char *p, const char *end)
{
    assert(p < end);
    bool remark = end - p > 1 && p[0] == '/' && p[1] == '/', long_remark = end - p > 1 && p[0] == '/' && p[1] == '*';
    bool string = *p == '"';
    if (!remark && !long_remark && !string) return p + 1;
    for (p += long_remark ? 2 : 1; p < end; p++) {
        if (*p == '\n' && !long_remark) return p;
        if (string && *p == '\\' && p + 1 < end)
            p++;
        else if (string && *p == '"')
            return p + 1;
        else if (long_remark && end - p > 1 && p[0] == '*' && p[1] == '/')
            return p + 2;
    }
    return p;
}

/* Finds the next name at or after *at, outside of remarks and strings; reserved words are no names. False at the
 * end. */
static bool damage_next_word(const char **at, const char *end, struct text *word)
{
    const char *p = *at;
    for (;;) {
        while (p < end && !in_word(*p)) p = damage_past(p, end);
        const char *begin = p;
        while (p < end && in_word(*p)) p++;
        *at = p;
        if (p == begin) return false;
        *word = (struct text){begin, (uint32_t)(p - begin)};
        if (!isdigit((unsigned char)*begin) && !lexer_is_reserved(begin, word->length)) return true;
    }
}

/* Returns the text of a span, cut at the end of its file; empty where the span is in no file. */
static struct text damage_text(const struct damage *damage, struct source_span span)
{
    const struct source *source = source_set_at(damage->program->sources, span.begin);
    if (!source || span.end <= span.begin) return (struct text){"", 0};
    uint32_t at = span.begin - source->base, length = span.end - span.begin;
    return (struct text){source->text + at, length < source->length - at ? length : source->length - at};
}

/* Adds all names in the text of a span. */
static void add_words(const struct damage *damage, struct words *words, struct source_span span)
{
    struct text text = damage_text(damage, span), word;
    for (const char *at = text.at; damage_next_word(&at, text.at + text.length, &word);) damage_add_word(words, word);
}

/* Does the text of a span contain any of these names? */
static bool names_any(const struct damage *damage, struct source_span span, const struct words *words)
{
    struct text text = damage_text(damage, span), word;
    for (const char *at = text.at; damage_next_word(&at, text.at + text.length, &word);)
        if (damage_has_word(words, word)) return true;
    return false;
}

static bool damage_is_name(const struct damage *damage, struct source_span span)
{
    struct text text = damage_text(damage, span);
    for (uint32_t i = 0; i < text.length; i++)
        if (!in_word(text.at[i])) return false;
    return true;
}

/* Declarations */

static int compare_units(const void *a, const void *b)
{
    uint32_t x = (*(const struct node *const *)a)->span.begin, y = (*(const struct node *const *)b)->span.begin;
    return x < y ? -1 : x > y;
}

static void list_units(struct damage *damage)
{
    size_t count = 0;
    EACH_NODE (file, damage->program->files)
        EACH_NODE (declaration, file->file.declarations) count++;
    damage->units = ARENA_ARRAY(damage->program->arena, const struct node *, count + 1);
    EACH_NODE (file, damage->program->files)
        EACH_NODE (declaration, file->file.declarations) damage->units[damage->unit_count++] = declaration;
    qsort(damage->units, damage->unit_count, sizeof *damage->units, compare_units);
}

/* Returns the index of the first unit that begins after the offset; the number of units where none does. */
static size_t unit_behind(const struct damage *damage, uint32_t offset)
{
    size_t low = 0, high = damage->unit_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (damage->units[middle]->span.begin > offset)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Returns the unit that contains the offset, or NULL. */
static const struct node *unit_of(const struct damage *damage, uint32_t offset)
{
    size_t behind = unit_behind(damage, offset);
    const struct node *unit = behind ? damage->units[behind - 1] : NULL;
    return unit && offset < unit->span.end ? unit : NULL;
}

/* Is the offset in a damaged part? Damaged parts do not overlap. */
static bool is_damaged(const struct damage *damage, uint32_t offset)
{
    size_t low = 0, high = damage->part_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (offset < damage->parts[middle].begin)
            high = middle;
        else if (offset >= damage->parts[middle].end)
            low = middle + 1;
        else
            return true;
    }
    return false;
}

/* Returns the only name that a declaration with a body declares for others, "" for a test; NULL for any other
 * declaration. */
static const char *damaged_name(const struct node *unit)
{
    if (unit->kind == NODE_STRATEGY) return unit->strategy.name.text;
    if (unit->kind == NODE_FUNCTION) return unit->function.name.text;
    return unit->kind == NODE_TEST ? "" : NULL;
}

/* Returns the part of a site that an error at `at` damages: the item that contains it, or the text between two
 * items. */
static struct source_span part_of_site(const struct node *site, uint32_t at)
{
    assert(site->kind == NODE_SITE);
    struct source_span part = site->span;
    EACH_NODE (item, site->site.items) {
        if (item->span.end <= at) {
            part.begin = item->span.end;
        } else if (item->span.begin > at) {
            part.end = item->span.begin;
            break;
        } else {
            if (item->span.begin < at) part.begin = item->span.begin;
            part.end = item->span.end;
            break;
        }
    }
    return part;
}

/* Does the text of a span contain that reserved word, outside of remarks and strings? */
static bool has_reserved(const struct damage *damage, struct source_span span, const char *reserved)
{
    struct text text = damage_text(damage, span);
    const char *end = text.at + text.length;
    for (const char *p = text.at; p < end;) {
        const char *begin = p;
        while (p < end && in_word(*p)) p++;
        if ((size_t)(p - begin) == strlen(reserved) && !memcmp(begin, reserved, strlen(reserved))) return true;
        if (p == begin) p = damage_past(p, end);
    }
    return false;
}

/* Adds all names in a text. */
static void damage_add_all(struct words *words, const char *at, size_t length)
{
    struct text word;
    for (const char *end = at + length; damage_next_word(&at, end, &word);) damage_add_word(words, word);
}

/* Adds the names that the import of a word would have brought: those of the file beside the source, else of the
 * module. False: there is none of that name. */
static bool lose_module(struct damage *damage, const struct source *source, const char *name)
{
    struct arena *arena = damage->program->arena;
    const char *slash = strrchr(source->path, '/');
    int folder = slash ? (int)(slash + 1 - source->path) : 0;
    const char *path = arena_printf(arena, "%.*s%s.gcx", folder, source->path, name), *why = NULL;
    size_t length;
    if (source_set_find(damage->program->sources, path)) return true; /* the file is read: its names are known */
    struct stat status;
    FILE *file = source_open(path, &status, &why);
    if (file) fclose(file);
    const struct source *beside = file ? source_set_read(damage->program->sources, path, &why) : NULL;
    const char *text = beside ? beside->text : library_text(name, &length);
    if (!text) return false;
    damage_add_all(&damage->declared, text, beside ? beside->length : length);
    damage_add_all(&damage->named, text, beside ? beside->length : length);
    return true;
}

/* Notes what the imports of a damaged part would have brought: `import a.b` is a/b.gcx. Any word of the part may be the
 * rest of an import. */
static void lose_imports(struct damage *damage, struct source_span part)
{
    const struct source *source = source_set_at(damage->program->sources, part.begin);
    struct arena *arena = damage->program->arena;
    struct text text = damage_text(damage, part), word;
    const char *end = text.at + text.length, *name = "";
    bool any = false;
    size_t left = MODULES_SOUGHT;
    for (const char *at = text.at, *last = NULL; left-- > 0 && source && damage_next_word(&at, end, &word); last = at) {
        bool dotted = last && word.at == last + 1 && *last == '.';
        name = dotted ? arena_printf(arena, "%s/%.*s", name, (int)word.length, word.at)
                      : arena_copy(arena, word.at, word.length);
        any = lose_module(damage, source, name) || any;
    }
    if (!any && has_reserved(damage, part, "import")) damage->imports_lost = true;
}

/* Notes every name that a damaged part may have declared. False where the part may have had a site, on which everything
 * depends. */
static bool lose_all(struct damage *damage, struct source_span part, bool of_site)
{
    if (!of_site && has_reserved(damage, part, "site")) return false;
    add_words(damage, &damage->declared, part);
    if (!of_site) lose_imports(damage, part);
    struct text text = damage_text(damage, part);
    damage->defaults_lost = damage->defaults_lost || has_reserved(damage, part, "default");
    damage->strings_lost = damage->strings_lost || (text.length && memchr(text.at, '"', text.length));
    return true;
}

/* Is there no text at the left margin between the two offsets? Then a declaration that ends at the first offset was
 * ended too early, by an odd '}'. */
static bool goes_on_within(const struct source *source, uint32_t from, uint32_t to)
{
    assert(source->base <= from);
    for (uint32_t at = from - source->base; at < to - source->base; at++)
        if (source->text[at] == '\n' && !strchr(" \t\r\n", source->text[at + 1])) return false;
    return true;
}

/* Notes the part of the text that an error damages. False where the names that this part declares are not known. */
static bool note_error(struct damage *damage, uint32_t at)
{
    const struct source *source = source_set_at(damage->program->sources, at);
    size_t behind = unit_behind(damage, at), index = behind;
    if (index && damage->units[index - 1]->span.begin == at)
        index--; /* the error is at the first word of a unit: the previous unit is damaged */
    const struct node *unit = index ? damage->units[index - 1] : NULL;
    if (!source) return false;
    if (unit && unit->span.begin < source->base) unit = NULL;
    struct source_span part = {source->base, source->base + source->length};
    bool within = unit && at < unit->span.end, whole = unit && index < behind;
    const char *name = unit ? damaged_name(unit) : NULL;
    bool left = name && !within && !whole && goes_on_within(source, unit->span.end, at);
    if (unit) part.begin = within || whole || left ? unit->span.begin : unit->span.end;
    if (index < damage->unit_count && damage->units[index]->span.begin < part.end)
        part.end = damage->units[index]->span.begin;
    bool of_site = within && unit->kind == NODE_SITE;
    if (of_site) part = part_of_site(unit, at);
    damage->parts[damage->part_count++] = part;
    add_words(damage, &damage->named, part);
    if (!name || !(within || whole || left)) return lose_all(damage, part, of_site);
    if (*name) damage_add_word(&damage->declared, (struct text){name, (uint32_t)strlen(name)});
    return lose_all(damage, (struct source_span){unit->span.end, part.end}, false);
}

static int compare_places(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Collects the damaged parts and their names from all errors and stumbles; false where note_error() failed. */
static bool look_at_errors(struct damage *damage)
{
    size_t count = 0, places = 0;
    struct arena *arena = damage->program->arena;
    for (const struct diag *diag = diags_first(damage->program->diags); diag; diag = diag->next) count++;
    damage->words_wrong = ARENA_ARRAY(arena, struct source_span, count + 1);
    for (const struct stumble *stumble = damage->program->stumbles; stumble; stumble = stumble->next) count++;
    uint32_t *at = ARENA_ARRAY(arena, uint32_t, count + 1);
    for (const struct diag *diag = diags_first(damage->program->diags); diag; diag = diag->next) {
        if (diag_code_severity(diag->code) != ERROR) continue;
        if (diag->code == DIAG_IMPORT_UNKNOWN) {
            damage->imports_lost = true;
            continue;
        }
        if (leaves_whole(diag->code))
            damage->words_wrong[damage->wrong_count++] = diag->span;
        else
            at[places++] = diag->span.begin;
    }
    for (const struct stumble *stumble = damage->program->stumbles; stumble; stumble = stumble->next) {
        const struct node *unit = unit_of(damage, stumble->at);
        at[places++] = stumble->at;
        damage->nameless = damage->nameless || (stumble->nameless && !(unit && damaged_name(unit)));
    }
    qsort(at, places, sizeof *at, compare_places);
    damage->parts = ARENA_ARRAY(arena, struct source_span, count + 1);
    for (size_t i = 0; i < places; i++)
        if (!is_damaged(damage, at[i]) && !note_error(damage, at[i])) return false;
    sort_words(&damage->named);
    sort_words(&damage->declared);
    return true;
}

/* Does the span touch a wrong word? Blanks between the two do not count. */
static bool is_of_wrong_word(const struct damage *damage, struct source_span span)
{
    for (size_t i = 0; i < damage->wrong_count; i++) {
        struct source_span wrong = damage->words_wrong[i];
        const struct source *source = source_set_at(damage->program->sources, wrong.begin);
        while (source && wrong.begin > source->base && source->text[wrong.begin - 1 - source->base] == ' ')
            wrong.begin--;
        if (span.begin < wrong.end && wrong.begin <= span.end) return true;
    }
    return false;
}

/* Does the unit contain a name that damaged text may declare? The last answer is stored, as errors come in groups. */
static bool unit_names_any(struct damage *damage, const struct node *unit)
{
    if (damage->asked != unit) damage->asked_names = names_any(damage, unit->span, &damage->declared);
    damage->asked = unit;
    return damage->asked_names;
}

/* Is the import that the error's hint names perhaps written in damaged text (`impor phone;`)? */
static bool lacks_import(const struct damage *damage, const struct diag *diag)
{
    static const char import[] = "import ";
    if (!diag->hint || strncmp(diag->hint, import, sizeof import - 1) != 0) return false;
    const char *name = diag->hint + sizeof import - 1;
    return damage_has_word(&damage->declared, (struct text){name, (uint32_t)strcspn(name, ";")});
}

/* Can no syntax error have caused this error? The conditions are those at the beginning of this file. */
static bool stands_by_itself(struct damage *damage, const struct diag *diag)
{
    if (diag_code_severity(diag->code) != ERROR || diag->span.begin == diag->span.end) return false;
    if (diag->span.end - diag->span.begin > SPAN_LONGEST) return false;
    if (!source_set_at(damage->program->sources, diag->span.begin)) return false;
    const struct node *unit = unit_of(damage, diag->span.begin);
    if (!unit || is_damaged(damage, diag->span.begin) || is_of_wrong_word(damage, diag->span)) return false;
    for (const struct diag_note *note = diag->first_note; note; note = note->next)
        if (is_of_wrong_word(damage, note->span)) return false;
    if (damage->nameless && is_of_unknown(diag->code)) return false;
    if (lacks_import(damage, diag)) return false;
    bool of_site = diag->code == DIAG_UNKNOWN_KIND_NAME && damage->program->site; /* no import brings a second site */
    if (damage->imports_lost && (code_begins_with(diag->code, "E06") || (is_of_unknown(diag->code) && !of_site)))
        return false;
    if (damage->defaults_lost && damage_is_of_defaults(diag->code)) return false;
    struct text text = damage_text(damage, diag->span);
    if (damage->strings_lost && memchr(text.at, '"', text.length)) return false;
    if (code_begins_with(diag->code, "E06") && unit_names_any(damage, unit)) return false;
    if (damage_is_name(damage, diag->span)) return !names_any(damage, diag->span, &damage->named);
    return !names_any(damage, diag->span, &damage->declared);
}

void damage_tell(struct program *program, struct diags *found)
{
    assert(found && found != program->diags);
    struct damage damage = {
        .program = program, .named = {.arena = program->arena}, .declared = {.arena = program->arena}};
    list_units(&damage);
    if (!look_at_errors(&damage)) return;
    for (struct diag *diag = diags_first(found), *next; diag; diag = next) {
        next = diag->next;
        if (stands_by_itself(&damage, diag)) diags_take(program->diags, diag);
    }
}
