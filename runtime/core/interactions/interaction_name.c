/* runtime/core/interactions/interaction_name.c - Interactions as people name them: ids as text, and the words for
 * states and owners. */
#include "runtime/core/interactions/interaction.h"

#include <assert.h>

/* Writes the partition, a dash and the counter in hexadecimal: "1-000000000001". */
uint32_t interaction_text(uint64_t id, char out[24])
{
    uint32_t length = 0;
    char digits[24];
    uint64_t partition = id >> 48, number = id & ((UINT64_C(1) << 48) - 1);
    uint32_t count = 0;
    do digits[count++] = (char)('0' + partition % 10);
    while ((partition /= 10) != 0);
    while (count > 0) out[length++] = digits[--count];
    out[length++] = '-';
    for (int shift = 44; shift >= 0; shift -= 4) out[length++] = "0123456789abcdef"[number >> shift & 15];
    return length;
}

static bool hexadecimal(struct span text, uint32_t from, uint64_t *number)
{
    *number = 0;
    if (from >= text.length || text.length - from > 16) return false;
    for (uint32_t at = from; at < text.length; at++) {
        uint8_t c = text.bytes[at];
        unsigned digit = c >= '0' && c <= '9'   ? c - (unsigned)'0'
                         : c >= 'a' && c <= 'f' ? c - 'a' + 10u
                         : c >= 'A' && c <= 'F' ? c - 'A' + 10u
                                                : 16;
        if (digit == 16) return false;
        *number = *number << 4 | digit;
    }
    return true;
}

const char *interaction_owner_word(unsigned kind)
{
    static const char *const words[] = {"none", "device", "queue", "strategy", "agent", "workbin"};
    assert(kind < sizeof words / sizeof words[0]);
    return words[kind];
}

const char *interaction_state_word(unsigned state)
{
    static const char *const words[] = {"ended", "observed", "queued", "routing", "handling", "closing"};
    assert(state < sizeof words / sizeof words[0]);
    return words[state];
}

uint64_t interaction_id_of(struct span name)
{
    uint64_t number, partition = 0;
    uint32_t dash = 0;
    while (dash < name.length && name.bytes[dash] >= '0' && name.bytes[dash] <= '9' && dash < 5)
        partition = partition * 10 + (uint64_t)(name.bytes[dash++] - '0');
    if (dash == name.length || name.bytes[dash] != '-' || partition > UINT16_MAX) return 0;
    return hexadecimal(name, dash + 1, &number) && number >> 48 == 0 ? partition << 48 | number : 0;
}

struct interaction *interaction_named(const struct interactions *interactions, struct span name)
{
    uint64_t id = interaction_id_of(name), conn;
    if (id != 0) return interaction_by_id(interactions, id);
    return hexadecimal(name, 0, &conn) ? interaction_by_conn(interactions, conn) : NULL;
}
