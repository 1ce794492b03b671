/* compiler/cli/lint.c - gcxc lint: runs the rules over files, prints the findings and mends them.
 *
 * The files are grouped by their site, and each site is compiled by itself. With --fix a site is compiled and mended
 * again and again until nothing is left to mend, and then compiled once more: only what is left is reported. A
 * program with errors is not mended, as the compiler does not know what that program means. */
#include "compiler/lint/judge.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "compiler/cli/command.h"
#include "compiler/cli/file.h"
#include "compiler/cli/progress.h"
#include "compiler/cli/site_rules.h"
#include "compiler/cli/sites.h"
#include "compiler/cli/typed.h"
#include "compiler/cli/watch.h"
#include "compiler/compilation.h"
#include "base/shown.h"

enum { ROUNDS = 10 }; /* the most rounds of mending: a mended text may show new findings, but not for ever */

/* Prints a rule's name as people type it: unused-variable. */
static void print_word(const char *word)
{
    for (; *word; word++) putchar(*word == '_' ? '-' : tolower((unsigned char)*word));
}

static void print_level(const struct judge *judge, enum diag_code code, const struct diag_own *own, bool fixable)
{
    bool places;
    enum judge_level level = judge_level_of(judge, code, own, &places);
    printf("%-8s%-4s", judge_level_word(level), places ? "in" : fixable ? "fix" : "");
}

/* Prints the rules with the levels that the site and the options give them; "in" marks a rule that has another level in
 * some files. */
static void print_rules(const struct options *options, const struct lint_options *chosen)
{
    struct compilation *site = site_rules_open(options, chosen);
    const struct judge *judge = compilation_judge(site);
    const struct own_rules *own = judge_own(judge);
    const struct lint_rule *rule;
    for (size_t i = 0; (rule = lint_rule(i)); i++) {
        if (lint_rule_code(i) == DIAG_LINT_OWN_RULE) continue;
        printf("%s  ", rule->code);
        print_level(judge, lint_rule_code(i), NULL, rule->fixable);
        print_word(rule->name);
        fputs(" (", stdout);
        print_word(rule->category);
        printf("): %s\n", rule->doc);
    }
    for (size_t i = 0; i < own->count; i++) {
        fputs("own    ", stdout);
        print_level(judge, DIAG_LINT_OWN_RULE, &own->of[i].told, false);
        shown_print(stdout, "%s: %s\n", own->of[i].told.name, own->of[i].told.title);
    }
    compilation_free(site);
}

/* With a reason, remarks that allow the findings are written instead of mending them. Mends until nothing is left to
 * mend, and returns how many findings were mended; -1 where a file cannot be written. The files are read again in each
 * round, since the earlier round changed them: spans of the old text no longer fit. */
static long lint_mend_files(const struct site_files *files, const struct compile_options *how, const char *reason)
{
    long mended = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct compilation *compilation = compiler_compile((const char *const *)files->paths, files->count, how);
        bool sound = compilation_sound(compilation);
        if (sound && reason) compilation_allow(compilation, reason);
        size_t now = sound ? compilation_mend(compilation, file_change) : 0;
        compilation_free(compilation);
        if (now == SIZE_MAX) return -1;
        mended += (long)now;
        if (now == 0) break;
    }
    return mended;
}

static bool lint_reason_good(const char *reason)
{
    if (reason[strspn(reason, " \t")] && !strpbrk(reason, "\r\n")) return true;
    return shown_refuse("gcxc: --add-allow takes the reason, in one line: --add-allow \"until the switch is gone\"\n");
}

static enum exit_code lint_files(const struct options *options, const struct compile_options *preset)
{
    struct compile_options how = *preset;
    struct report *report = sites_report(options);
    struct sites sites = sites_named(options);
    size_t findings = !sites.good;
    long mended = 0, allowed = 0;
    for (size_t i = 0; i < sites.count; i++) {
        how.named = sites.all[i].named;
        progress_lasts("linting", i + 1, sites.count);
        long now = options->fix ? lint_mend_files(&sites.all[i], &how, NULL) : 0;
        long added = options->add_allow && now >= 0 ? lint_mend_files(&sites.all[i], &how, options->add_allow) : 0;
        struct compilation *compilation =
            compiler_compile((const char *const *)sites.all[i].paths, sites.all[i].count, &how);
        progress_rests();
        compilation_report(compilation, report);
        findings += compilation_findings(compilation) + (now < 0) + (added < 0);
        compilation_free(compilation);
        if (now > 0) mended += now;
        if (added > 0) allowed += added;
    }
    report_end(report);
    sites_close(&sites);
    if (allowed > 0) shown_print(stderr, allowed == 1 ? "%ld line allowed\n" : "%ld lines allowed\n", allowed);
    if (mended > 0) shown_print(stderr, "%ld mended\n", mended);
    return findings == 0 ? EXIT_GOOD : EXIT_PROBLEMS;
}

/* Checks the names of the rules before any file is read: a misspelled rule would otherwise look like a rule without
 * findings. */
enum exit_code cli_lint(const struct options *options)
{
    struct lint_options rules = {.rules = options->rules, .deny = options->deny, .directory = options->directory};
    if (!site_rules_good(options, options->rules) || !site_rules_good(options, options->deny)) return EXIT_USAGE;
    if (options->list) {
        print_rules(options, &rules);
        return EXIT_GOOD;
    }
    if (options->path_count == 0) {
        fputs("gcxc: no file is named for 'lint'; see gcxc --help\n", stderr);
        return EXIT_USAGE;
    }
    if (options->add_allow && !lint_reason_good(options->add_allow)) return EXIT_USAGE;
    struct typed typed;
    bool good = typed_open(&typed, options);
    struct compile_options how = {
        .site = options->site, .check_only = true, .lint = &rules, .overlay = good ? typed_overlay(&typed) : NULL};
    if (good && typed.path && (options->fix || options->add_allow))
        good = shown_refuse("gcxc: what comes on standard input stands in no file that could be mended\n");
    bool again = options->watch && good && !typed.path;
    enum exit_code code;
    do {
        uint64_t stamp = again ? watch_stamp(options) : 0;
        code = good ? lint_files(&typed.options, &how) : EXIT_USAGE;
        if (again) watch_wait(options, stamp);
    } while (again);
    typed_close(&typed);
    return code;
}
