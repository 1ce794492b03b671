/* compiler/cli/site_rules.c - Reads a site's file for its rules and their levels, without the strategies. */
#include "compiler/cli/site_rules.h"

#include <stdio.h>
#include <string.h>

#include "compiler/base/source.h"
#include "compiler/cli/sites.h"
#include "compiler/files.h"
#include "base/shown.h"

struct compilation *site_rules_open(const struct options *options, const struct lint_options *rules)
{
    struct arena *arena = arena_new();
    struct sites sites = options->path_count > 0 && !options->site ? sites_named(options) : (struct sites){0};
    const char *site = options->site ? options->site : sites.count > 0 ? sites.all[0].site : files_site(arena, "./x");
    struct compile_options how = {.check_only = true, .site = site, .lint = rules};
    struct compilation *compilation = compiler_compile(&site, 0, &how);
    sites_close(&sites);
    arena_free(arena);
    return compilation;
}

/* A misspelled rule would otherwise look like a rule without findings, so this is asked before any file is linted. */
bool site_rules_good(const struct options *options, const char *rules)
{
    if (!lint_items_wrong(rules)) return true;
    struct compilation *site = site_rules_open(options, NULL);
    const struct judge *judge = compilation_judge(site);
    const char *wrong = judge_items_wrong(judge, rules);
    if (!wrong) {
        compilation_free(site);
        return true;
    }
    char name[DIAG_NAME_MAX];
    int length = (int)strcspn(wrong, ",");
    enum diag_code near = DIAG_CODES;
    snprintf(name, sizeof name, "%.*s", length, wrong);
    shown_print(stderr, "gcxc: there is no rule '%.*s'", length, wrong);
    const char *own = own_rule_near(compilation_program(site), name);
    if (diag_code_called(name, &near)) {
        shown_print(stderr, ": %s is an error, and has no other level\n", diag_code_text(near));
    } else if (own) {
        shown_print(stderr, "; did you mean '%s'?\n", own);
    } else if (near == DIAG_CODES || diag_code_severity(near) == ERROR) {
        shown_print(stderr, "; gcxc lint --list says which there are\n");
    } else {
        diag_code_write(near, name);
        shown_print(stderr, "; did you mean '%s'?\n", name);
    }
    compilation_free(site);
    return false;
}
