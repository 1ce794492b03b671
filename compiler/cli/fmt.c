/* compiler/cli/fmt.c - gcxc fmt: writes files in the one style.
 *
 *     gcxc fmt FILE           writes the file anew, if its text changes
 *     gcxc fmt -              from the input to the output
 *     gcxc fmt --check FILE   writes nothing; prints the path of each file that would change
 *     gcxc fmt --diff FILE    writes nothing; shows what would change, by the program diff
 *     gcxc fmt --to 2 FILE    writes the file in language 2: deprecated forms become those that stand for them
 *
 * --check and --diff fail where a file would change, so that a check before a commit needs no other test. A file that
 * does not parse stays as it is, is reported, and makes the command fail. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/base/source.h"
#include "compiler/cli/command.h"
#include "compiler/cli/file.h"
#include "compiler/cli/sites.h"
#include "compiler/format/format.h"
#include "compiler/format/rewrite.h"
#include "compiler/syntax/language.h"
#include "base/memory.h"
#include "base/shown.h"
#include "base/file.h"

/* Returns the whole text, to be freed by the caller; NULL where it cannot be read, with the reason printed. The
 * function tries to read one byte more than the limit: so a text of exactly that length is told from a longer one
 * without asking for the size. */
static char *fmt_read_text(const char *path, size_t *length)
{
    bool input = strcmp(path, "-") == 0;
    struct stat status;
    const char *why = NULL;
    FILE *file = input ? stdin : source_open(path, &status, &why);
    char *text = memory_grown(NULL, SOURCE_LIMIT + 1, 1);
    *length = file ? fread(text, 1, SOURCE_LIMIT + 1, file) : 0;
    bool good = file && !ferror(file) && *length <= SOURCE_LIMIT;
    if (!good)
        shown_print(stderr, "gcxc: cannot read %s: %s\n", path,
                    *length > SOURCE_LIMIT ? "it has more than 4 MB"
                    : why                  ? why
                                           : strerror(errno));
    if (file && !input) fclose(file);
    if (!good) {
        free(text);
        return NULL;
    }
    return text;
}

/* Shows diff(1)'s output for the file and its formatted text. diff needs two files: the formatted text is written to
 * a temporary file in /tmp, which is removed again. diff exits with 1 where the files differ, which is no failure
 * here. */
static bool fmt_show_difference(const char *path, const char *text, size_t length)
{
    char draft[] = "/tmp/gcxc-fmt-XXXXXX";
    int descriptor = mkstemp(draft);
    bool good = descriptor >= 0 && file_put_all(descriptor, text, length);
    fflush(stdout);
    pid_t child = good ? fork() : -1;
    if (child == 0) {
        execlp("diff", "diff", "-u", "--label", path, "--label", path, "--", path, draft, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    good = child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) < 2;
    if (!good) shown_print(stderr, "gcxc: diff cannot be run\n");
    if (descriptor >= 0) {
        close(descriptor);
        unlink(draft);
    }
    return good;
}

/* Formats one file, or checks it; false where the file is not in the style, or cannot be formatted. */
static bool format_file(const struct options *options, const char *path)
{
    size_t length, formatted;
    char *text = fmt_read_text(path, &length);
    if (!text) return false;
    size_t changed = length;
    char *later = options->to ? format_rewritten(path, text, length, (int)options->to, &changed, stderr) : NULL;
    char *whole = later || !options->to ? format_text(path, later ? later : text, changed, &formatted, stderr) : NULL;
    free(later);
    bool same = whole && formatted == length && memcmp(whole, text, length) == 0, good = whole != NULL;
    if (whole && strcmp(path, "-") == 0 && !options->check) {
        fwrite(whole, 1, formatted, stdout);
    } else if (whole && !same && options->diff) {
        fmt_show_difference(path, whole, formatted);
        good = false;
    } else if (whole && !same && options->check) {
        puts(path);
        good = false;
    } else if (whole && !same) {
        good = file_change(&(struct source_change){path, text, length, whole, formatted});
    }
    free(whole);
    free(text);
    return good;
}

struct formatting {
    const struct options *options;
    bool good;
};

/* Formats a file, and continues after one that failed: all other files are still formatted, and the exit code
 * reports the failure. */
static void format_each(void *self, const char *path, bool below)
{
    struct formatting *formatting = self;
    (void)below;
    formatting->good = format_file(formatting->options, path) && formatting->good;
}

enum exit_code cli_fmt(const struct options *options)
{
    struct formatting formatting = {options, true};
    if (options->to > LANGUAGE_NEWEST) {
        fprintf(stderr, "gcxc: there is no language %llu: --to takes 1 to %d\n", (unsigned long long)options->to,
                LANGUAGE_NEWEST);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < options->path_count; i++) {
        if (options->diff && strcmp(options->paths[i], "-") == 0) {
            fputs("gcxc: --diff needs a file; see gcxc --help\n", stderr);
            return EXIT_USAGE;
        }
        if (!sites_each_source(options->paths[i], format_each, &formatting)) formatting.good = false;
    }
    return formatting.good ? EXIT_GOOD : EXIT_PROBLEMS;
}
