/* man/tables.c - Fills the manual's pages from the tables: a line `.\"@table NAME` of the template on standard input is
 * replaced by the rows of NAME as an mdoc list. So the manual cannot lag behind the code. */
#include <stdio.h>
#include <string.h>

/* Text that mdoc and roff would take for a request or an escape is written so that it is only text. */
static void text(const char *words)
{
    unsigned column = 0;
    for (; *words; words++, column++) {
        if (column == 0 && (*words == '.' || *words == '\'')) fputs("\\&", stdout);
        if (*words == ' ' && column > 60) {
            putchar('\n');
            column = ~0u;
        } else if (*words == '\\') fputs("\\e", stdout);
        else if (*words == '"') fputs("\\(dq", stdout);
        else putchar(*words);
    }
}

static void row(const char *name, const char *aside, const char *doc)
{
    fputs(".It Sy \"", stdout);
    text(name);
    putchar('"');
    if (*aside) {
        fputs(" Pq \"", stdout);
        text(aside);
        putchar('"');
    }
    putchar('\n');
    text(doc);
    putchar('\n');
}

static void list_begin(void) { puts(".Bl -tag -width Ds -compact"); }
static void list_end(void) { puts(".El"); }

static void opcodes(void)
{
#define OP(name, layout, a, b, c, flags, doc) row(#name, #layout, doc);
#include "vm/opcodes.def"
#undef OP
}

static void steps(void)
{
#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, doc) row(name, #media ", " #class, doc "."); puts("Exits:");
#define P(id, parameter, number, type, need)
#define X(id, code) puts(".Sy " #code);
#define END_STEP(id) puts(".Sy timeout");
#include "vm/steps.def"
#undef STEP
#undef P
#undef X
#undef END_STEP
}

static void attributes(void)
{
#define ATTRIBUTE(name, number, type, optional, media, when, where, written, doc) \
    row(#name, optional ? #type " or none" : #type, doc);
#include "vm/attributes.def"
#undef ATTRIBUTE
}

static void media(void)
{
#define MEDIA(word, medium, is_text, lifetime, doc) row(word, #medium, doc);
#include "runtime/vocabulary/media.def"
#undef MEDIA
}

static void events(void)
{
#define EVENT(name, number, class, by, doc) row(#name, #class ", from " by, doc);
#define EVENT_IF(name, field, value, class)
#define F(message, field, type)
#define END(message)
#include "runtime/vocabulary/events.def"
#undef EVENT
#undef EVENT_IF
}

static void effects(void)
{
#define EFFECT(name, number, class, to, deadline, doc) row(#name, #class ", to " to, doc);
#include "runtime/vocabulary/effects.def"
#undef EFFECT
#undef F
#undef END
}

static void diagnostics(void)
{
#define DIAG(name, code, severity, format) row(code, #severity, format);
#include "compiler/diag.def"
#undef DIAG
}

static void setting(const char *key, const char *type, const char *fallback, const char *doc)
{
    char aside[128];
    if (!fallback) snprintf(aside, sizeof aside, "%s, mandatory", type);
    else if (!*fallback) snprintf(aside, sizeof aside, "%s", type);
    else snprintf(aside, sizeof aside, "%s, default: %s", type, fallback);
    row(key, aside, doc);
}

static void settings(void)
{
#define SECTION(section, doc) row(#section, "section", doc);
#define SETTING(section, key, type, fallback, lowest, highest, doc) \
    setting(#key, #type, fallback, doc);
#include "runtime/daemon/conf.def"
}

static void exits(void)
{
    char code[16];
#define EXIT(name, number, doc) \
    snprintf(code, sizeof code, "%d", number); \
    row(code, "", doc);
#include "runtime/daemon/exits.def"
#undef EXIT
}

static const struct table {
    const char *name;
    void (*print)(void);
} tables[] = {
    {"opcodes", opcodes}, {"steps", steps},   {"attributes", attributes},
    {"media", media},     {"events", events}, {"effects", effects},
    {"diagnostics", diagnostics}, {"settings", settings}, {"exits", exits},
};

int main(void)
{
    static const char mark[] = ".\\\"@table ";
    char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        if (strncmp(line, mark, sizeof mark - 1) != 0) {
            fputs(line, stdout);
            continue;
        }
        char *name = line + sizeof mark - 1;
        name[strcspn(name, "\n")] = 0;
        size_t i = 0;
        while (i < sizeof tables / sizeof *tables && strcmp(tables[i].name, name) != 0) i++;
        if (i == sizeof tables / sizeof *tables) {
            fprintf(stderr, "tables: there is no table '%s'\n", name);
            return 1;
        }
        list_begin();
        tables[i].print();
        list_end();
    }
    return ferror(stdin) || fflush(stdout) ? 1 : 0;
}
