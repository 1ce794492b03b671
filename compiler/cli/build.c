/* compiler/cli/build.c - gcxc build and gcxc check. */
#include <stdio.h>

#include "compiler/cli/command.h"
#include "compiler/cli/file.h"
#include "compiler/cli/libraries.h"
#include "compiler/cli/progress.h"
#include "compiler/cli/site_rules.h"
#include "compiler/cli/sites.h"
#include "compiler/cli/typed.h"
#include "compiler/cli/watch.h"
#include "base/shown.h"
#include "compiler/compilation.h"
#include "compiler/cures.h"
#include "compiler/lint/lint.h"

enum exit_code cli_build(const struct options *options)
{
    if (!options->output) {
        fputs("gcxc: build needs -o X.gcxb; see gcxc --help\n", stderr);
        return EXIT_USAGE;
    }
    if (!file_may_replace(options->output, "GCXB", "image")) return EXIT_PROBLEMS;
    struct sites sites = sites_open(options->paths, options->path_count, options->site);
    const struct site_files *files = sites_one(&sites);
    if (!files) {
        sites_close(&sites);
        return EXIT_USAGE;
    }
    struct libraries libraries;
    libraries_open(&libraries, options->native);
    struct compile_options how = {.site = options->site, .natives = libraries_natives(&libraries)};
    progress_lasts("building", 1, 1);
    struct compilation *compilation = compiler_compile((const char *const *)files->paths, files->count, &how);
    progress_rests();
    struct report *report = sites_report(options);
    size_t length, errors = compilation_report(compilation, report);
    report_end(report);
    const uint8_t *image = compilation_image(compilation, &length);
    bool any = errors > 0 || compilation_strategies(compilation) > 0;
    if (!any)
        shown_print(stderr, "gcxc: there is no strategy in %s%s: an image without one routes nothing\n",
                    files->paths[0], files->count > 1 ? " and the others" : "");
    bool good = any && errors == 0 && image && file_write(options->output, image, length);
    compilation_free(compilation);
    libraries_close(&libraries);
    sites_close(&sites);
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}

static bool check_mend(const struct site_files *files, const struct compile_options *how)
{
    struct compile_options named = *how;
    named.named = files->named;
    return cures_make((const char *const *)files->paths, files->count, &named, file_mend);
}

static enum exit_code check_files(const struct options *options, const struct source_overlay *overlay)
{
    struct libraries libraries;
    const struct lint_options rules = {.deny = options->deny, .errors_only = true};
    libraries_open(&libraries, options->native);
    struct compile_options how = {.site = options->site,
                                  .natives = libraries_natives(&libraries),
                                  .check_only = true,
                                  .overlay = overlay,
                                  .lint = &rules};
    struct report *report = sites_report(options);
    struct sites sites = sites_named(options);
    size_t errors = 0;
    bool mended = true;
    for (size_t i = 0; i < sites.count; i++) {
        mended = (!options->fix || check_mend(&sites.all[i], &how)) && mended;
        progress_lasts("checking", i + 1, sites.count);
        struct compilation *compilation =
            compiler_compile((const char *const *)sites.all[i].paths, sites.all[i].count, &how);
        progress_rests();
        errors += compilation_report(compilation, report);
        compilation_free(compilation);
    }
    report_end(report);
    bool good = errors == 0 && sites.good && mended;
    sites_close(&sites);
    libraries_close(&libraries);
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}

enum exit_code cli_check(const struct options *options)
{
    struct typed typed;
    if (!site_rules_good(options, options->deny)) return EXIT_USAGE;
    enum exit_code code = EXIT_USAGE;
    bool good = typed_open(&typed, options);
    if (good && typed.path && options->fix)
        good = shown_refuse("gcxc: what comes on standard input stands in no file that could be mended\n");
    bool again = options->watch && good && !typed.path;
    do {
        uint64_t stamp = again ? watch_stamp(options) : 0;
        if (good) code = check_files(&typed.options, typed_overlay(&typed));
        if (again) watch_wait(options, stamp);
    } while (again);
    typed_close(&typed);
    return code;
}
