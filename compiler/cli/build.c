/* compiler/cli/build.c - gcxc build and gcxc check. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/cli/command.h"
#include "compiler/compiler.h"

static bool write_all(FILE *file, const uint8_t *bytes, size_t length)
{
    bool good = fwrite(bytes, 1, length, file) == length && fflush(file) == 0 && fsync(fileno(file)) == 0;
    return fclose(file) == 0 && good;
}

/* A slip of the hand, `-o x.gcx`, must not cost a source, or a device its place: only an image gives way, or an empty
 * file. */
static bool may_replace(const char *path)
{
    struct stat status;
    char begin[4];
    if (stat(path, &status) != 0) return true; /* there is none, or writing will say why not */
    FILE *file = S_ISREG(status.st_mode) ? fopen(path, "rb") : NULL;
    size_t length = file ? fread(begin, 1, sizeof begin, file) : 0;
    if (file) fclose(file);
    if (file && (length == 0 || (length == sizeof begin && memcmp(begin, "GCXB", sizeof begin) == 0))) return true;
    fprintf(stderr, "gcxc: %s is there, and is no image: it is left as it is\n", path);
    return false;
}

/* Whoever reads the file meanwhile sees the old image or the new one, never a part. */
static bool write_file(const char *path, const uint8_t *bytes, size_t length)
{
    size_t room = strlen(path) + 8;
    char *draft = malloc(room);
    if (!draft) abort();
    snprintf(draft, room, "%s.XXXXXX", path);
    int descriptor = mkstemp(draft);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "wb");
    bool good = file && fchmod(descriptor, 0644) == 0 && write_all(file, bytes, length) && rename(draft, path) == 0;
    if (!good) {
        fprintf(stderr, "gcxc: cannot write %s: %s\n", path, strerror(errno));
        if (descriptor >= 0) unlink(draft);
    }
    free(draft);
    return good;
}

enum exit_code command_build(const struct options *options)
{
    if (!options->output) {
        fputs("gcxc: build needs -o X.gcxb; see gcxc --help\n", stderr);
        return EXIT_USAGE;
    }
    if (!may_replace(options->output)) return EXIT_PROBLEMS;
    struct compile_options how = {.site = options->site};
    struct compilation *compilation = compile(options->paths, options->path_count, &how);
    size_t length, errors = compilation_print(compilation, stderr);
    const uint8_t *image = compilation_image(compilation, &length);
    bool good = errors == 0 && image && write_file(options->output, image, length);
    compilation_free(compilation);
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}

enum exit_code command_check(const struct options *options)
{
    struct compile_options how = {.site = options->site, .check_only = true};
    struct compilation *compilation = compile(options->paths, options->path_count, &how);
    size_t errors = compilation_print(compilation, stderr);
    compilation_free(compilation);
    return errors == 0 ? EXIT_GOOD : EXIT_PROBLEMS;
}
