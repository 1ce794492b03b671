/* vm/ops_share.c - Instructions that the interpreter calls as functions: shares, random or computed from a text;
 * small conversions. */
#include "vm/vm.h"

enum { WHOLE = 1000000 }; /* 100 %, in millionths */

/* The finalizer of SplitMix64 (Steele, Lea and Flood 2014): each bit of the result depends on every bit of x. */
static uint64_t share_mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

/* Returns a share from 0 to below 100 %: the upper bits scaled, without a division. */
static uint64_t share_of_hash(uint64_t hash)
{
    return (hash >> 32) * WHOLE >> 32;
}

/* Draws a share from the core's seed, the interaction and its counter: so it is the same in every replay. */
bool op_draw(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    struct block *block = vm_block(vm);
    (void)extension;
    uint64_t of = share_mix(vm->host.seed + 0x9e3779b97f4a7c15 * vm_id(vm));
    r[word_a(i)] = share_of_hash(share_mix(of + 0x9e3779b97f4a7c15 * ++block->random));
    return true;
}

/* Computes a share from a text by FNV-1a, independent of machine, program and time, so a customer always gets the
 * same share. */
bool op_point(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    char inlined[8];
    struct text text = vm_text(vm, r[word_b(i)], inlined);
    uint64_t hash = 0xcbf29ce484222325;
    (void)extension;
    for (uint32_t n = 0; n < text.length; n++) hash = (hash ^ (uint8_t)text.bytes[n]) * 0x100000001b3;
    vm->fuel -= text.length / FUEL_STEP;
    r[word_a(i)] = share_of_hash(share_mix(hash));
    return true;
}

bool op_scale(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    int64_t product, divisor = (int64_t)r[extension];
    if (divisor == 0) return vm_faults(vm, FAULT_DIVISION);
    if (__builtin_mul_overflow((int64_t)r[word_b(i)], (int64_t)r[word_c(i)], &product) || product == INT64_MIN)
        return vm_faults(vm, FAULT_OVERFLOW);
    r[word_a(i)] = (uint64_t)(product / divisor);
    return true;
}

/* Computes B of C in millionths, digit by digit, since the product may need more than 64 bits. False: the result is
 * too large. */
static bool ops_share_millionths(uint64_t of, uint64_t by, uint64_t *share)
{
    for (; by >> 59 != 0; by /= 2) of /= 2; /* so that ten times the remainder stays below 2^63 */
    uint64_t rest = of % by;
    *share = of / by;
    for (uint64_t digit = 1; digit < SHARE_WHOLE; digit *= 10) {
        if (*share > INT64_MAX / 10 - 1) return false;
        rest *= 10;
        *share = *share * 10 + rest / by;
        rest %= by;
    }
    return true;
}

bool op_quotient(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    int64_t of = (int64_t)r[word_b(i)], by = (int64_t)r[word_c(i)];
    uint64_t share = 0;
    bool known = by != 0 && ops_share_millionths(of < 0 ? 0 - (uint64_t)of : (uint64_t)of,
                                                 by < 0 ? 0 - (uint64_t)by : (uint64_t)by, &share);
    (void)vm;
    (void)extension;
    if (known)
        r[word_a(i)] = (of < 0) != (by < 0) ? 0 - share : share;
    else
        r[word_a(i)] = VALUE_NONE;
    return true;
}

bool op_to_enum(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    uint64_t number = r[word_b(i)];
    (void)extension;
    if (number >= image_type(vm->image, vm_register_type(vm, word_a(i)))->count) return vm_faults(vm, FAULT_INDEX);
    r[word_a(i)] = number;
    return true;
}

bool op_float_to_int(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    const double limit = 9223372036854775808.0; /* 2^63; its own negative is none */
    double number = value_float(r[word_b(i)]);
    (void)extension;
    if (!(number > -limit && number < limit)) return vm_faults(vm, FAULT_OVERFLOW);
    r[word_a(i)] = (uint64_t)(int64_t)number;
    return true;
}

bool op_step_name(struct vm *vm, uint64_t *r, uint32_t i, uint32_t extension)
{
    const struct step *step = r[word_b(i)] <= UINT16_MAX ? step_numbered((uint32_t)r[word_b(i)]) : NULL;
    const char *name = step ? step->name : "";
    (void)extension;
    return block_make_text(vm->slab, vm->handle, name, (uint32_t)strlen(name), &r[word_a(i)]) ||
           vm_faults(vm, FAULT_MEMORY);
}
