/* compiler/syntax/lost.c - The keys about which the checker has reported an error: the newest first. */
#include "compiler/syntax/lost.h"

#include "compiler/syntax/program.h"

enum { LOST_KEYS_MAX = 64 }; /* more errors than are shown */

struct lost_key {
    const char *name;
    const struct node *strategy; /* NULL: everywhere */
    uint32_t count;              /* the length of the list from this key on */
    struct lost_key *next;
};

void lost_key_add(struct program *program, const struct node *strategy, const char *name)
{
    uint32_t count = program->lost_keys ? program->lost_keys->count : 0;
    if (count == LOST_KEYS_MAX) return;
    struct lost_key *lost = ARENA_NEW(program->arena, struct lost_key);
    *lost = (struct lost_key){name, strategy, count + 1, program->lost_keys};
    program->lost_keys = lost;
}

bool lost_key_is(const struct program *program, const struct node *strategy, const char *name)
{
    for (const struct lost_key *lost = program->lost_keys; lost; lost = lost->next)
        if (lost->name == name && (!strategy || !lost->strategy || lost->strategy == strategy)) return true;
    return false;
}
