/* tests/fuzz/fuzz_postgres.c - Any bytes as the text of a value that PostgreSQL sends, of any type: refused, or read;
 * and what was read can be sent. */
#include <stdlib.h>
#include <string.h>

#include "runtime/sources/pgtypes.h"
#include "tests/fuzz/fuzz.h"

/* The first byte chooses the type, the second what is wanted of it. */
static void read_value(const uint8_t *bytes, size_t length)
{
    static const uint32_t types[] = {16,   17,   20,   21,   23,   25,   26,   700,  701, 1042,
                                     1043, 1082, 1083, 1114, 1184, 1186, 1266, 1700, 9999};
    enum { TYPES = sizeof types / sizeof *types };
    if (length < 2) return;
    struct kv_value value = {0};
    bool micros = false, binary;
    char room[PGTYPE_ROOM];
    const char *text;
    size_t text_length;
    char *copy = calloc(1, length); /* libpq ends what it gives with a zero */
    if (!copy) abort();
    memcpy(copy, bytes + 2, length - 2);
    enum source_type wanted = (enum source_type)(bytes[1] % (SOURCE_FLOAT + 1));
    if (!pgtype_read(types[bytes[0] % TYPES], copy, strlen(copy), wanted, &value, &micros))
        for (size_t i = 0; i < TYPES; i++)
            if (pgtype_write(types[i], &value, room, &text, &text_length, &binary) && text == room)
                MUST(text_length < PGTYPE_ROOM);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    read_value(bytes, length);
    return 0;
}
