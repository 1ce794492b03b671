/* tests/fuzz/fuzz_flow.c - Any bytes as a file of Composer: it is refused, or becomes sources that parse and, as long
 * as they are not too large for an image, pass the check. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/compilation.h"
#include "compiler/format/format.h"
#include "compiler/import/import.h"
#include "tests/fuzz/fuzz.h"

enum { FLOW_SMALL = 6000 /* bytes of which no program becomes too large */, FLOW_FILES = 8 };

/* Imports look for files: these lie in a folder of the process, which goes with it. */
static char flow_folder[] = "/tmp/gcx-fuzz-flow-XXXXXX";

static void flow_remove_folder(void)
{
    rmdir(flow_folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    MUST(mkdtemp(flow_folder));
    return atexit(flow_remove_folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[200] = "", *said = NULL, written[FLOW_FILES][300];
    size_t room, count = 0, files = 0;
    const char *name, *text, *paths[FLOW_FILES];
    struct importer *import = import_new();
    MUST(import_add(import, "main.workflow", (const char *)data, size, why, sizeof why) == !*why);
    import_finish(import);
    FILE *out = open_memstream(&said, &room);
    MUST(out);
    for (size_t i = 0; import_written_file(import, i, &name, &text); i++) {
        size_t length = strlen(name), whole;
        if (length < 4 || strcmp(name + length - 4, ".gcx") != 0) continue;
        char *formatted = format_text(name, text, strlen(text), &whole, out);
        if (!formatted) fprintf(stderr, "%s", text);
        MUST(formatted || size > FLOW_SMALL);
        free(formatted);
        if (size > FLOW_SMALL) continue;
        MUST(files < FLOW_FILES);
        snprintf(written[files], sizeof written[files], "%s/%s", flow_folder, name);
        FILE *file = fopen(written[files], "w");
        MUST(file && fputs(text, file) >= 0 && fclose(file) == 0);
        if (strcmp(name, "site.gcx") != 0) paths[count++] = written[files];
        files++;
    }
    if (count > 0) {
        struct compile_options options = {.check_only = true};
        struct compilation *compilation = compiler_compile(paths, count, &options);
        size_t errors = compilation_print(compilation, out);
        fflush(out);
        if (errors) fputs(said, stderr);
        compilation_free(compilation);
        for (size_t i = 0; i < files && errors; i++) fprintf(stderr, "%s\n", written[i]);
        MUST(errors == 0);
    }
    for (size_t i = 0; i < files; i++) unlink(written[i]);
    fclose(out);
    free(said);
    import_release(import);
    return 0;
}
