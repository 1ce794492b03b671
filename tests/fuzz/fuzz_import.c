/* tests/fuzz/fuzz_import.c - Any bytes as the file of the directory: refused with a reason that names the file, or
 * imported, and every event that is made of it is one. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/daemon/directory/import.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/message.h"
#include "tests/fuzz/fuzz.h"

struct taken {
    size_t rows, commits;
};

static void on_event(void *self, struct span frame)
{
    struct taken *taken = self;
    struct message message;
    struct error error;
    MUST(message_read(&message, frame.bytes, frame.length, &error));
    MUST(taken->commits == 0);
    MUST(message_u(&message, DirectoryRow_version) == 7);
    if (message.kind == KIND_DirectoryCommit)
        taken->commits++;
    else
        taken->rows++, MUST(message.kind == KIND_DirectoryRow);
}

static void take(const struct directory_import *import)
{
    struct taken taken = {0};
    struct import_point point;
    size_t points = 0;
    import_events(import, 7, "fuzz", on_event, &taken);
    import_commit(&(struct import_commit){.version = 7, .actor = "fuzz", .why = "why", .whole = true}, on_event,
                  &taken);
    MUST(taken.rows == import_count(import) && taken.commits == 1);
    for (; import_point(import, points, &point); points++) MUST(point.dn[0] != '\0' && point.strategy[0] != '\0');
    MUST(points <= taken.rows);
}

/* A statement that never ends is ended after its bound, which daemon_import.c shows: here it takes too long. */
static bool is_endless(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i + 9 <= length; i++)
        if (strncasecmp((const char *)bytes + i, "recursive", 9) == 0) return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct error error = {0};
    if (is_endless(bytes, length)) return 0;
    struct directory_import *import = import_read(fuzz_file(bytes, length), 10, NULL, &error);
    MUST((!import) == (strncmp(error.text, "/proc/self/fd/", 14) == 0));
    if (import) take(import);
    import_free(import);
    return 0;
}
