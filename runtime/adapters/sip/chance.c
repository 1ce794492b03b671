/* runtime/adapters/sip/chance.c - libre's random numbers: tags, branches, keys of sound.
 *
 * Defines what the member rand.o of libre's archive does, so that the linker does not take that (loop.h). It asks
 * OpenSSL for each letter of a tag, which costs more than to read the message. The kernel's numbers are drawn by the
 * page here; each is used once, and gone from the page then. The loop's thread alone draws. */
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "runtime/adapters/sip/libre.h"

static uint8_t chance_page[4096];
static size_t chance_left;

void rand_init(void) {}

void rand_bytes(uint8_t *bytes, size_t size)
{
    if (size > chance_left && size <= sizeof chance_page) {
        randombytes_buf(chance_page, sizeof chance_page);
        chance_left = sizeof chance_page;
    }
    if (size > sizeof chance_page) {
        randombytes_buf(bytes, size);
        return;
    }
    assert(size <= chance_left);
    chance_left -= size;
    memcpy(bytes, chance_page + chance_left, size);
    sodium_memzero(chance_page + chance_left, size);
}

uint16_t rand_u16(void)
{
    uint16_t number;
    rand_bytes((uint8_t *)&number, sizeof number);
    return number;
}

uint32_t rand_u32(void)
{
    uint32_t number;
    rand_bytes((uint8_t *)&number, sizeof number);
    return number;
}

uint64_t rand_u64(void)
{
    uint64_t number;
    rand_bytes((uint8_t *)&number, sizeof number);
    return number;
}

char rand_char(void)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return letters[rand_u32() % (sizeof letters - 1)];
}

void rand_str(char *text, size_t size)
{
    if (!text || size == 0) return;
    for (size_t at = 0; at + 1 < size; at++) text[at] = rand_char();
    text[size - 1] = '\0';
}
