/* runtime/quality/draw.c - Draws some of many by chance. See draw.h. */
#include "runtime/quality/draw.h"

#include <assert.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct draw_ticket {
    char *group;
    unsigned char lot[crypto_shorthash_BYTES];
    size_t given;
};

struct draw {
    unsigned char key[crypto_shorthash_KEYBYTES];
    unsigned each;
    struct draw_ticket *tickets; /* all that were offered; after draw_end() the drawn ones come first */
    size_t count, room, drawn;
    bool ended;
};

struct draw *draw_new(uint64_t seed, unsigned each)
{
    struct draw *draw = memory_zeroed(1, sizeof *draw);
    assert(each > 0);
    for (unsigned i = 0; i < sizeof seed; i++) draw->key[i] = (unsigned char)(seed >> (8 * i));
    draw->each = each;
    return draw;
}

void draw_free(struct draw *draw)
{
    if (!draw) return;
    for (size_t i = 0; i < draw->count; i++) free(draw->tickets[i].group);
    free(draw->tickets);
    free(draw);
}

void draw_offer(struct draw *draw, const char *group, const char *name, size_t given)
{
    assert(!draw->ended);
    if (draw->count == draw->room) {
        draw->room = draw->room ? 2 * draw->room : 256;
        draw->tickets = memory_grown(draw->tickets, draw->room, sizeof *draw->tickets);
    }
    struct draw_ticket *ticket = &draw->tickets[draw->count++];
    *ticket = (struct draw_ticket){.group = memory_text(group), .given = given};
    crypto_shorthash(ticket->lot, (const unsigned char *)name, strlen(name), draw->key);
}

static int draw_order(const void *left, const void *right)
{
    const struct draw_ticket *a = left, *b = right;
    int order = strcmp(a->group, b->group);
    if (order == 0) order = memcmp(a->lot, b->lot, sizeof a->lot);
    return order ? order : (a->given > b->given) - (a->given < b->given);
}

size_t draw_end(struct draw *draw)
{
    unsigned of_group = 0;
    const char *group = NULL;
    draw->ended = true;
    if (draw->count > 1) qsort(draw->tickets, draw->count, sizeof *draw->tickets, draw_order);
    for (size_t i = 0; i < draw->count; i++) {
        of_group = group && strcmp(group, draw->tickets[i].group) == 0 ? of_group + 1 : 1;
        group = draw->tickets[i].group;
        if (of_group > draw->each) continue;
        /* The texts of groups are exchanged with the rows, so that each keeps its owner. */
        struct draw_ticket ticket = draw->tickets[i];
        draw->tickets[i] = draw->tickets[draw->drawn];
        draw->tickets[draw->drawn++] = ticket;
    }
    return draw->drawn;
}

size_t draw_at(const struct draw *draw, size_t place)
{
    assert(draw->ended && place < draw->drawn);
    return draw->tickets[place].given;
}
