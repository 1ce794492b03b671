/* compiler/import/asterisk/plan.c - Reads and looks up the dialplan (plan.h). */
#include "compiler/import/asterisk/plan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void plan_begin(struct dialplan *plan, struct arena *arena)
{
    *plan = (struct dialplan){.arena = arena, .falls = true};
    plan->end = &plan->contexts, plan->faults_end = &plan->faults;
}

void plan_fault_add(struct dialplan *plan, const char *path, uint32_t line, const char *text, const char *why,
                    bool remark)
{
    struct plan_fault *fault = ARENA_NEW(plan->arena, struct plan_fault);
    *fault = (struct plan_fault){.path = path, .text = text, .why = why, .line = line, .remark = remark};
    *plan->faults_end = fault;
    plan->faults_end = &fault->next;
}

struct plan_context *plan_context(const struct dialplan *plan, const char *name)
{
    return flow_names_find(&plan->names, name);
}

bool plan_special(const char *name)
{
    static const char *const specials[] = {"s", "t", "i", "h", "T", "o", "a", "e", "fax", "failed"};
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        if (strcmp(name, specials[i]) == 0) return true;
    return false;
}

/* ---- patterns ---- */

/* Returns how many different characters the pattern takes at this place, by which patterns are ordered; 0x100 and more:
 * this part takes several places. *at moves to the next place. */
static unsigned pattern_weight(const char **at)
{
    const char *c = (*at)++;
    switch (*c) {
    case 'X':
    case 'x':
        return 10;
    case 'Z':
    case 'z':
        return 9;
    case 'N':
    case 'n':
        return 8;
    case '.':
        return 0x100;
    case '!':
        return 0x101;
    case '[': {
        unsigned count = 0;
        for (c++; *c && *c != ']'; c++) {
            if (c[1] == '-' && c[2] && c[2] != ']') {
                count += (unsigned char)c[2] >= (unsigned char)*c
                             ? (unsigned)((unsigned char)c[2] - (unsigned char)*c) + 1
                             : 0;
                c += 2;
            } else {
                count++;
            }
        }
        *at = *c ? c + 1 : c;
        return count;
    }
    default:
        return 1;
    }
}

/* Orders extensions as they are looked up: first numbers, then patterns, of which at the first difference the one that
 * takes fewer characters comes first. */
static int plan_compare(const struct plan_extension *a, const struct plan_extension *b)
{
    if (a->pattern != b->pattern) return a->pattern ? 1 : -1;
    if (!a->pattern) return 0;
    const char *left = a->name + 1, *right = b->name + 1;
    while (*left && *right) {
        const char *from[] = {left, right};
        unsigned one = pattern_weight(&left), other = pattern_weight(&right);
        if (one != other) return one < other ? -1 : 1;
        if (*from[0] != *from[1]) return *from[0] < *from[1] ? -1 : 1;
    }
    return *left ? -1 : *right ? 1 : 0;
}

/* Does the pattern take the character at the place `*at`, which moves to the next place? */
static bool pattern_takes(const char **at, char c)
{
    const char *place = (*at)++;
    switch (*place) {
    case 'X':
    case 'x':
        return c >= '0' && c <= '9';
    case 'Z':
    case 'z':
        return c >= '1' && c <= '9';
    case 'N':
    case 'n':
        return c >= '2' && c <= '9';
    case '[': {
        bool taken = false;
        for (place++; *place && *place != ']'; place++) {
            if (place[1] == '-' && place[2] && place[2] != ']') {
                taken = taken || (c >= *place && c <= place[2]);
                place += 2;
            } else {
                taken = taken || c == *place;
            }
        }
        *at = *place ? place + 1 : place;
        return taken;
    }
    default:
        return c == *place;
    }
}

bool plan_matches(const char *pattern, const char *number)
{
    for (const char *at = pattern; *at;) {
        if (*at == '-' || *at == ' ') {
            at++;
            continue;
        }
        if (*at == '!') return true;
        if (*at == '.') return *number != '\0';
        if (!*number || !pattern_takes(&at, *number++)) return false;
    }
    return !*number;
}

/* Are these characters letters, digits, * and #, and ranges of two of them from the smaller to the larger? */
static bool pattern_class_is_plain(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool plain = isalnum((unsigned char)text[i]) || text[i] == '*' || text[i] == '#';
        if (!plain) return false;
        if (i + 1 == length || text[i + 1] != '-') continue;
        if (i + 2 == length || !isalnum((unsigned char)text[i + 2]) || text[i + 2] < text[i]) return false;
        i += 2;
    }
    return true;
}

const char *plan_expression(struct arena *arena, const char *pattern, unsigned *most)
{
    const char *said = "^";
    *most = 0;
    for (const char *at = pattern; *at;) {
        const char *place = at, *part;
        if (*at == '-' || *at == ' ') {
            at++;
            continue;
        }
        if (*at == '.' || *at == '!') {
            *most = 0;
            return arena_printf(arena, "%s.%s$", said, *at == '.' ? "+" : "*");
        }
        unsigned weight = pattern_weight(&at);
        size_t length = (size_t)(at - place);
        if (*place == '[') {
            if (weight == 0 || length < 3 || place[length - 1] != ']') return NULL;
            if (!pattern_class_is_plain(place + 1, length - 2)) return NULL;
            part = arena_copy(arena, place, length);
        } else if (weight > 1) {
            part = weight == 10 ? "[0-9]" : weight == 9 ? "[1-9]" : "[2-9]";
        } else if (isalnum((unsigned char)*place) || *place == '#' || *place == '_') {
            part = arena_copy(arena, place, 1);
        } else if (*place == '*' || *place == '+') {
            part = arena_printf(arena, "\\%c", *place);
        } else {
            return NULL;
        }
        said = arena_printf(arena, "%s%s", said, part);
        ++*most;
    }
    return *most > 0 ? arena_printf(arena, "%s$", said) : NULL;
}

/* ---- looking up ---- */

struct plan_search {
    const char *number;
    struct plan_extension *found;
};

static void plan_walk(const struct dialplan *plan, const struct plan_context *context, unsigned depth, unsigned *steps,
                      void (*each)(void *, struct plan_extension *), void *closure)
{
    if (depth > PLAN_DEPTH || ++*steps > 1000) return;
    for (struct plan_extension *extension = context->extensions; extension; extension = extension->next)
        each(closure, extension);
    for (unsigned i = 0; i < context->include_count; i++) {
        const struct plan_context *included = plan_context(plan, context->includes[i]);
        if (included && included != context) plan_walk(plan, included, depth + 1, steps, each, closure);
    }
}

void plan_each(const struct dialplan *plan, const struct plan_context *context,
               void (*each)(void *closure, struct plan_extension *), void *closure)
{
    unsigned steps = 0;
    plan_walk(plan, context, 0, &steps, each, closure);
}

static void plan_look(void *closure, struct plan_extension *extension)
{
    struct plan_search *search = closure;
    if (search->found || !plan_priority(extension, 1)) return;
    if (extension->pattern ? plan_matches(extension->name + 1, search->number) && !plan_special(search->number)
                           : strcmp(extension->name, search->number) == 0)
        search->found = extension;
}

struct plan_extension *plan_find(const struct dialplan *plan, const struct plan_context *context, const char *number)
{
    struct plan_search search = {.number = number};
    plan_each(plan, context, plan_look, &search);
    return search.found;
}

struct plan_step *plan_priority(const struct plan_extension *extension, uint32_t priority)
{
    for (struct plan_step *step = extension->steps; step; step = step->next)
        if (step->priority == priority) return step;
    return NULL;
}

struct plan_step *plan_label(const struct plan_extension *extension, const char *label)
{
    for (struct plan_step *step = extension->steps; step; step = step->next)
        if (step->label && strcmp(step->label, label) == 0) return step;
    return NULL;
}

/* ---- reading ---- */

/* Cuts the text at the first comma outside of brackets and quotes; returns the text after the comma, or NULL if there
 * is none. */
static char *plan_cut(char *text)
{
    int depth = 0;
    bool quoted = false;
    for (; *text; text++) {
        if (*text == '"') quoted = !quoted;
        if (quoted) continue;
        if (strchr("([{", *text)) depth++;
        if (strchr(")]}", *text)) depth--;
        if (*text == ',' && depth <= 0) {
            *text = '\0';
            return text + 1;
        }
    }
    return NULL;
}

static char *plan_trimmed(char *text)
{
    while (*text == ' ' || *text == '\t') text++;
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t')) text[--length] = '\0';
    return text;
}

static struct plan_extension *plan_extension(struct dialplan *plan, struct plan_context *context, const char *name)
{
    struct plan_extension **at = context->patterns, *added = flow_names_find(&context->names, name);
    if (added) return added;
    added = ARENA_NEW(plan->arena, struct plan_extension);
    *added = (struct plan_extension){.name = name, .pattern = *name == '_', .in = context};
    added->end = &added->steps;
    while (added->pattern && *at && plan_compare(*at, added) <= 0) at = &(*at)->next;
    added->next = *at;
    *at = added;
    if (!added->pattern) context->patterns = &added->next;
    flow_names_add(plan->arena, &context->names, name, added);
    return added;
}

/* Reads a priority: 1, n, n+2 or s, with a label in brackets; 0: the text is no priority. */
static uint32_t plan_number(char *text, uint32_t last, const char **label)
{
    char *open = strchr(text, '('), *close = open ? strchr(open, ')') : NULL;
    *label = NULL;
    if (open && !close) return 0;
    if (open) {
        *open = *close = '\0';
        *label = plan_trimmed(open + 1);
    }
    text = plan_trimmed(text);
    bool next = *text == 'n', same = *text == 's';
    unsigned long number = next ? last + 1 : same ? last : 0;
    if (next || same) {
        text++;
        if (*text == '+') number += strtoul(text + 1, &text, 10);
    } else {
        number = isdigit((unsigned char)*text) ? strtoul(text, &text, 10) : 0;
    }
    return *text || number > PLAN_PRIORITY ? 0 : (uint32_t)number;
}

/* Reads the application and its arguments: App(a,b), or App,a,b in the older form. */
static void plan_application(struct dialplan *plan, struct plan_step *step, char *text)
{
    text = plan_trimmed(text);
    size_t name = strcspn(text, "(,");
    char *arguments = text + name;
    size_t length = strlen(arguments);
    if (*arguments == '(') {
        arguments++;
        if (length > 1 && arguments[length - 2] == ')') arguments[length - 2] = '\0';
    } else if (*arguments == ',') {
        arguments++;
    }
    arguments = plan_trimmed(arguments);
    step->arguments = arena_copy(plan->arena, arguments, strlen(arguments));
    text[name] = '\0';
    text = plan_trimmed(text);
    step->application = arena_copy(plan->arena, text, strlen(text));
}

/* The place in a context that is being read: the extension to which `same` refers, and its last priority. */
struct plan_reader {
    struct plan_extension *extension;
    uint32_t last;
};

static const char *plan_exten(struct dialplan *plan, struct plan_context *context, const struct ini_key *key, bool same,
                              struct plan_reader *reader)
{
    char *text = arena_copy(plan->arena, key->value, strlen(key->value)), *rest = text;
    if (!same) {
        rest = plan_cut(text);
        const char *name = plan_trimmed(text);
        if (!rest) return "it has no priority";
        if (strchr(name, '/')) return "an extension for some callers alone: ask for ani in an if";
        if (!*name || strlen(name) > PLAN_EXTENSION_BYTES || strstr(name, "${")) return "it is no extension";
        struct plan_extension *extension = plan_extension(plan, context, name);
        if (reader->extension != extension) reader->last = 0;
        reader->extension = extension;
    }
    if (!reader->extension) return "no extension stands before it";
    char *application = plan_cut(rest);
    if (strcmp(plan_trimmed(rest), "hint") == 0) return "";
    const char *label;
    uint32_t priority = application ? plan_number(rest, reader->last, &label) : 0;
    if (priority == 0) return "its priority is not known";
    if (priority <= reader->extension->highest && plan_priority(reader->extension, priority))
        return "its extension has this priority already";
    struct plan_step *step = ARENA_NEW(plan->arena, struct plan_step);
    *step = (struct plan_step){
        .label = label, .priority = priority, .line = key->line, .path = key->path, .of = reader->extension};
    plan_application(plan, step, application);
    *reader->extension->end = step;
    reader->extension->end = &step->next;
    if (priority > reader->extension->highest) reader->extension->highest = priority;
    reader->last = priority;
    return NULL;
}

static const char *plan_include(struct dialplan *plan, struct plan_context *context, const char *value)
{
    const char *name = plan_trimmed(arena_copy(plan->arena, value, strlen(value)));
    if (strpbrk(name, ",|")) return "an include for some times alone: ask for the time by now in an if";
    if (context->include_count == PLAN_INCLUDES) return "its context includes too many";
    context->includes[context->include_count++] = name;
    return NULL;
}

static void plan_section(struct dialplan *plan, const struct ini_section *section)
{
    struct plan_context *context = plan_context(plan, section->name);
    if (!context) {
        context = ARENA_NEW(plan->arena, struct plan_context);
        *context = (struct plan_context){.name = section->name, .path = section->path, .line = section->line};
        context->patterns = &context->extensions;
        *plan->end = context;
        plan->end = &context->next;
        flow_names_add(plan->arena, &plan->names, context->name, context);
    }
    struct plan_reader reader = {0};
    for (const struct ini_key *key = section->keys; key; key = key->next) {
        bool same = strcasecmp(key->name, "same") == 0;
        const char *why = "the importer does not know this key";
        if (same || strcasecmp(key->name, "exten") == 0)
            why = plan_exten(plan, context, key, same, &reader);
        else if (strcasecmp(key->name, "include") == 0)
            why = plan_include(plan, context, key->value);
        else if (strcasecmp(key->name, "ignorepat") == 0)
            why = NULL;
        else if (strcasecmp(key->name, "switch") == 0)
            why = "extensions of another place: import them from there";
        if (why && *why)
            plan_fault_add(plan, key->path, key->line, arena_printf(plan->arena, "%s => %s", key->name, key->value),
                           why, false);
    }
}

void plan_add(struct dialplan *plan, const struct ini_file *file)
{
    for (const struct ini_section *section = file->sections; section; section = section->next) {
        if (strcmp(section->name, "general") == 0) {
            plan->falls = ini_true(ini_value(section, "autofallthrough", "yes"));
            if (!plan->falls)
                plan_fault_add(plan, section->path, section->line, "autofallthrough = no",
                               "an extension that ends, ends the call here", false);
            continue;
        }
        if (strcmp(section->name, "globals") == 0)
            plan->globals = section;
        else if (!section->template)
            plan_section(plan, section);
    }
}

void plan_faults(struct dialplan *plan, const struct ini_file *file)
{
    for (const struct ini_key *fault = file->faults; fault; fault = fault->next)
        plan_fault_add(plan, fault->path, fault->line, fault->value,
                       fault->why ? fault->why : "it is neither a section nor a key", false);
}
