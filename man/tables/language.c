/* man/tables/language.c - The language: opcodes, measures, orders, steps, attributes, media. */
#include "man/tables/page.h"
#include "man/tables/tables.h"
#include "vm/bin_view.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void opcodes(void)
{
#define OP(name, layout, a, b, c, flags, doc) row(#name, #layout, doc);
#include "vm/opcodes.def"
}

void image_limits(void)
{
    char number[16];
#define LIMIT(name, value, what)                                                                                       \
    snprintf(number, sizeof number, "%d", (int)(value));                                                               \
    row(number, "", what ".");
#include "vm/limits.def"
}

void image_rules(void)
{
#define RULE(name, text) row(text, "", "");
#include "vm/rules.def"
}

/* Returns "GROUP | VQ, COUNT, NOW" as "group, vq; count, now". */
static const char *measured(const char *objects, const char *unit, const char *when)
{
    static char words[96];
    size_t length = 0;
    for (const char *c = objects; *c && length < sizeof words - 32; c++)
        if (*c == '|')
            words[length - 1] = ',', words[length++] = ' ', c++;
        else
            words[length++] = (char)(*c >= 'A' && *c <= 'Z' ? *c + 'a' - 'A' : *c);
    snprintf(words + length, sizeof words - length, "; %s%s", unit, when);
    return words;
}

/* Returns the doc with the filters that the function takes. */
static const char *filtered(const char *doc, const char *filters)
{
    static char text[200];
    snprintf(text, sizeof text, "%s%s%s.", doc, strstr(filters, "MEDIUM") ? "; takes media:" : "",
             strstr(filters, "WITHIN") ? ", within:" : "");
    return text;
}

void measures(void)
{
#define UNIT_COUNT    "count"
#define UNIT_DURATION "duration"
#define UNIT_PERCENT  "percent"
#define WHEN_OVER     ""
#define WHEN_NOW      ", now"
#define MEASURE(name, objects, unit, when, filters, doc)                                                               \
    row(#name, measured(#objects, UNIT_##unit, WHEN_##when), filtered(doc, #filters));
#include "vm/measures.def"
}

void campaign_modes(void)
{
#define PACER_MODE(name, meaning) row(#name, "", meaning ".");
#include "runtime/core/pacing/pacer_modes.def"
}

void orders(void)
{
#define ORDER(word, by, doc) row(#word, by ? "figure" : "", doc ".");
#include "vm/orders.def"
}

static void put_bin_column(const char *word, enum bin_kind kind, unsigned uses, const char *doc)
{
    static const char *const kinds[] = {[BIN_TEXT] = "text", [BIN_NUMBER] = "number", [BIN_DURATION] = "duration"};
    const char *all[] = {uses & BIN_SHOWN ? "shown" : NULL, uses & BIN_ORDERS ? "sorted by" : NULL,
                         uses & BIN_ASKED ? "asked for" : NULL};
    char text[200];
    size_t length = (size_t)snprintf(text, sizeof text, "%s; may be ", doc);
    bool first = true;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]) {
            length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", first ? "" : ", ", all[i]);
            first = false;
        }
    snprintf(text + length, sizeof text - length, ".");
    row(word, kinds[kind], text);
}

void bin_columns_of_views(void)
{
#define COLUMN(id, word, kind, uses, doc) put_bin_column(word, kind, uses, doc);
#include "vm/bin_columns.def"
}

/* Prints the words of the language that have the given use, in a line of text. */
static void put_words_of(const char *use, const char *which)
{
    const char *between = "";
    printf(".Pp\n%s\n", use);
#define WORD(text, token, used)                                                                                        \
    if (!strcmp(#used, which)) printf("%s.Li %s", between, text), between = " ,\n";
#include "compiler/syntax/words.def"
    puts(" .");
}

void words(void)
{
    puts("These are reserved: no variable, function or parameter has such a\n"
         "name.\n"
         "Columns of tables, fields of records, what an endpoint or a signal is given,\n"
         "and attached keys may: such a key is read as\n"
         ".Li attached.queue .");
    put_words_of("They begin a declaration:", "DECLARATION");
    put_words_of("They begin a statement:", "STATEMENT");
    put_words_of("They name a kind:", "KIND");
    put_words_of("The others:", "RESERVED");
    put_words_of("These have a meaning behind a complete expression only, and are names elsewhere:", "CLAUSE");
}

/* Prints one word of a list, and before the first word the heading, such as "Takes:" or "Exits:". */
static void put_listed(bool *begun, const char *heading, const char *macro, const char *word, const char *behind)
{
    if (!*begun) puts(heading);
    *begun = true;
    printf("%s %s%s\n", macro, word, behind);
}

/* Does an author write the argument, or does the compiler add it? */
static bool is_written(const char *type)
{
    return strcmp(type, "ZONE") != 0 && strcmp(type, "GIVEN") != 0;
}

static bool is_tried_again(const char *code)
{
#define TRIED_AGAIN(failure)                                                                                           \
    if (strcmp(code, #failure) == 0) return true;
#include "vm/tried_again.def"
    return false;
}

/* Prints that a step may have `tries`, under the same condition as step_may_have_clause() in compiler/check/step.c.
 * For callback.keep_place the clause applies to the later dialling, which can fail in ways worth another try. */
static void tries_row(bool ends, bool mended, const char *step)
{
    if ((mended && !ends) || strcmp(step, "callback_keep_place") == 0) puts("May have\n.Ic tries .");
}

void steps(void)
{
    bool takes = false, exits = false, last = false, mended = false;
#define STEP(id, name, number, media, result, timeout, class, cancellable, ends, at_once, family, doc)                 \
    row(name, #media ", " #class, doc ".");                                                                            \
    takes = exits = mended = false;                                                                                    \
    last = ends;
#define P(id, parameter, number, type, need)                                                                           \
    if (is_written(#type))                                                                                             \
        put_listed(&takes, "Takes:", #need[0] == 'O' ? ".Op Li" : ".Li", #parameter, #need[2] == 'S' ? " ..." : "");
#define X(id, code) put_listed(&exits, "Exits:", ".Sy", #code, ""), mended = mended || is_tried_again(#code);
#define END_STEP(id)                                                                                                   \
    put_listed(&exits, "Exits:", ".Sy", "timeout", "");                                                                \
    tries_row(last, mended, #id);
#include "compiler/language/steps_all.def"
}

/* Within a sentence. */
void tried_again(void)
{
    const char *before = "";
#define TRIED_AGAIN(code) printf("%s.Sy " #code, before), before = " ,\n";
#include "vm/tried_again.def"
    puts(" .");
}

/* Returns the attribute's type in the language; for `parties` and `this_dn` it is another than in the VM. */
static const char *of_language(const char *attribute, const char *type)
{
    return strcmp(attribute, "parties") == 0 ? "list<party>" : strcmp(attribute, "this_dn") == 0 ? "DN" : type;
}

void attributes(void)
{
#define ATTRIBUTE(name, number, type, optional, media, when, where, written, doc, changes)                             \
    row(#name, of_language(#name, optional ? #type " or none" : #type), doc);
#define CONTACT(member, number, type, optional, doc, media)                                                            \
    row("contact." #member, optional ? #type " or none" : #type, doc);
#include "compiler/language/attributes_all.def"
#undef ATTRIBUTE
}

void media(void)
{
#define MEDIA(word, medium, lifetime, answered, doc) row(word, #medium, doc);
#define OWN_MEDIUM(n, number)
#include "runtime/vocabulary/media.def"
    row("own1 to own195", "own1 to own195", "the media of a site's own, to which the site gives names");
}
