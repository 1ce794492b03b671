/* compiler/cli/offers.c - The words that shells complete apart from options: rules, and names in the files of the
 * command line. */
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compiler/cli/command.h"
#include "compiler/cli/sites.h"
#include "compiler/compilation.h"
#include "compiler/lint/lint.h"
#include "compiler/view/uses.h"

struct offering {
    const char *begun, *kind; /* the typed beginning; `kind`: only names of this kind, NULL: all */
};

static void offer_name(void *self, const char *kind, const char *name)
{
    const struct offering *offering = self;
    if (offering->kind && strcmp(offering->kind, kind) != 0) return;
    if (strncmp(name, offering->begun, strlen(offering->begun)) == 0) printf("%s\t%s\n", name, kind);
}

static void print_offer(void *self, const char *kind, const char *name)
{
    (void)name;
    const struct offering *offering = self;
    if (strncmp(kind, offering->begun, strlen(offering->begun)) == 0) printf("%s\ta kind of name\n", kind);
}

/* Offers the names of one program's files, even where they have errors. */
static void offer_of(struct offering *offering, char **paths, size_t count)
{
    struct compile_options how = {.check_only = true};
    struct compilation *compilation = compiler_compile((const char *const *)paths, count, &how);
    uses_each(compilation_program(compilation), offer_name, offering);
    compilation_free(compilation);
}

/* Offers the names in the programs of a file or folder; NULL: of the files in the current folder, but not below it. */
static void offer_names_of_kind(const char *begun, const char *kind, const char *path)
{
    struct offering offering = {begun, kind};
    struct sites sites = sites_open(&path, path ? 1 : 0, NULL);
    glob_t found = {0};
    for (size_t i = 0; i < sites.count; i++) offer_of(&offering, sites.all[i].paths, sites.all[i].count);
    sites_close(&sites);
    if (path || glob("*.gcx", 0, NULL, &found) != 0) return;
    offer_of(&offering, found.gl_pathv, found.gl_pathc);
    globfree(&found);
}

bool offer_arguments(const char *command, int count, char **words)
{
    const char *last = words[count - 1];
    if (strcmp(command, "graph") == 0 && count == 3) {
        offer_names_of_kind(last, "strategy", words[1]);
    } else if (strcmp(command, "uses") == 0 && count == 2) {
        uses_each_kind(print_offer, &(struct offering){last, NULL});
        offer_names_of_kind(last, NULL, NULL);
    } else if (strcmp(command, "uses") == 0 && count == 3 && uses_kind(words[1])) {
        offer_names_of_kind(last, words[1], NULL);
    } else {
        return false;
    }
    return true;
}

/* Offers rules after the last comma and an optional sign: +style,-L01 */
static void offer_rules(const char *begun)
{
    const char *comma = strrchr(begun, ','), *part = comma ? comma + 1 : begun;
    part += *part == '+' || *part == '-';
    for (size_t i = 0; lint_rule(i); i++) {
        const struct lint_rule *rule = lint_rule(i);
        char name[64];
        size_t length = 0;
        for (const char *at = rule->name; *at && length < sizeof name - 1; at++)
            name[length++] = *at == '_' ? '-' : (char)tolower((unsigned char)*at);
        name[length] = '\0';
        for (int which = 0; which < 2; which++) {
            const char *word = which ? name : rule->code;
            if (strncmp(word, part, strlen(part)) == 0)
                printf("%.*s%s\t%s\n", (int)(part - begun), begun, word, rule->doc);
        }
    }
}

/* Offers the tests of a file whose titles begin with the typed text; a title that does not fit on a line is left
 * out. */
static void offer_titles(void *self, const char *path, bool below)
{
    const char *begun = self;
    struct compile_options how = {.check_only = true};
    struct compilation *compilation = compiler_compile(&path, 1, &how);
    (void)below;
    EACH_NODE (file, compilation_program(compilation)->files)
        EACH_NODE (node, file->file.declarations) {
            if (node->kind != NODE_TEST || file->file.imported) continue;
            const char *title = node->test.title.bytes;
            bool plain = !strpbrk(title, "\t\n\r") && strlen(title) == node->test.title.length;
            if (plain && strncmp(title, begun, strlen(begun)) == 0) printf("%s\ta test\n", title);
        }
    compilation_free(compilation);
}

/* Offers the tests of the files on the command line or, if it names none, of the files in the current folder. */
static void offer_tests(char *begun, int count, char **words)
{
    glob_t found = {0};
    bool any = false;
    for (int i = 1; i < count - 2; i++) {
        if (words[i][0] == '-' || access(words[i], R_OK) != 0) continue;
        any = sites_each_source(words[i], offer_titles, begun) || any;
    }
    if (any || glob("*.gcx", 0, NULL, &found) != 0) return;
    for (size_t i = 0; i < found.gl_pathc; i++) offer_titles(begun, found.gl_pathv[i], false);
    globfree(&found);
}

void offer_value(const char *option, int count, char **words)
{
    char *begun = words[count - 1];
    if (strcmp(option, "rules") == 0) offer_rules(begun);
    if (strcmp(option, "filter") == 0) offer_tests(begun, count, words);
    if (strcmp(option, "source") == 0) offer_names_of_kind(begun, "source", NULL);
}
