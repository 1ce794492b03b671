/* compiler/syntax/csv.c - Reads records of comma-separated values as literals. */
#include "compiler/syntax/csv.h"

enum { FIELDS_MAX = 256 };

void csv_begin(struct csv_text *csv, struct arena *arena, const char *text, size_t length)
{
    csv_text_begin(csv, arena_copy(arena, text, length), length);
}

int csv_next(struct csv_text *csv, struct literal *fields, int room)
{
    struct csv_field read[FIELDS_MAX];
    int count = csv_text_next(csv, read, room < FIELDS_MAX ? room : FIELDS_MAX);
    for (int i = 0; i < count && i < room && i < FIELDS_MAX; i++)
        fields[i] = (struct literal){read[i].bytes, read[i].length};
    return count;
}
