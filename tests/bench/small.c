/* tests/bench/small.c - The strategies of small.gcx and segment.awk by our VM; with `c`, score and segments as C.
 * Prints ns each and the sum of 1,000. Usage: small IMAGE NAME COUNT, small c NAME COUNT PREFIXES */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vm/block.h"
#include "vm/exec.h"
#include "vm/image.h"
#include "vm/steps.h"

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* By our VM. */

struct machine {
    const struct image *image;
    const struct image_strategy *strategy;
    struct slab *slab;
    struct vm *vm;
};

/* A whole interaction; what it attached as `sum`, or the length of its `note`. */
static uint64_t interaction(struct machine *m)
{
    block_handle block = block_new(m->slab, m->image, m->strategy);
    uint64_t word;
    char inlined[8];
    bool made = block_make_text(m->slab, block, "0612345678", 10, &word);
    assert(made);
    block_system_set(m->slab, block, 1, word); /* ani */
    struct vm_result result = vm_start(m->vm, block);
    while (result.status == VM_YIELD) result = vm_continue(m->vm, block, 0);
    assert(result.status == VM_WAIT && result.step == STEP_ID_stop);
    const struct block *at = block_at(m->slab, block);
    block_slot(at, image_slot_count(m->strategy) - 1, &word);
    if (image_slot_count(m->strategy) > 1) word = block_text(m->image, at, word, inlined).length;
    result = vm_resume(m->vm, block, 0, 0);
    assert(result.status == VM_ENDED);
    block_free(m->slab, block);
    return word;
}

static uint64_t our_thousand(void *self)
{
    struct machine *m = self;
    uint64_t sum = 0;
    for (int i = image_slot_count(m->strategy) > 1 ? 1000 : 1; i > 0; i--) sum = interaction(m);
    return sum;
}

/* As C. */

struct call {
    int64_t age, waited, value, fails, visits, debt;
    const char *language, *tier, *product;
};

static int64_t grade(const struct call *c)
{
    int64_t s = c->age * 2 + c->waited * 3 + c->value * 5 + c->fails * 40 + c->visits * 7 - c->debt * 4;
    if (!strcmp(c->language, "fr")) s += 100;
    if (!strcmp(c->tier, "gold")) s += 500;
    if (!strcmp(c->product, "loan")) s += 50;
    return s > 6000 ? 1 : s > 4500 ? 2 : s > 3000 ? 3 : s > 1500 ? 4 : s > 500 ? 5 : 6;
}

static uint64_t c_score(void *self)
{
    static struct call calls[] = {
        {31, 410, 903, 1, 3, 12, "fr", "gold", "loan"},   {77, 15, 204, 0, 9, 80, "en", "basic", "card"},
        {45, 222, 611, 4, 1, 0, "de", "silver", "loan"},  {22, 59, 17, 2, 0, 44, "fr", "basic", "card"},
        {63, 333, 450, 3, 20, 7, "nl", "gold", "card"},   {38, 90, 120, 0, 5, 91, "en", "silver", "loan"},
        {54, 580, 777, 2, 12, 3, "fr", "silver", "loan"}, {19, 5, 8, 1, 2, 60, "de", "basic", "card"}};
    const struct call *volatile from = calls; /* read anew each time: nothing is known beforehand */
    int64_t sum = 0;
    (void)self;
    for (int i = 0; i < 1000; i++) sum += grade(from + i % 8);
    return (uint64_t)sum;
}

/* A trie by digits, as one would write it for this. */
struct segments {
    struct node {
        uint16_t next[10], target;
    } nodes[1 << 16];
    uint32_t node_count, number_count;
    char numbers[16][12];
};

static struct segments *read_segments(const char *path)
{
    struct segments *s = calloc(1, sizeof *s);
    FILE *file = fopen(path, "r");
    char digits[12];
    unsigned target;
    if (!s || !file) {
        perror(path);
        exit(1);
    }
    s->node_count = 1;
    while (fscanf(file, "%11s %u", digits, &target) == 2) {
        if (!target) {
            memcpy(s->numbers[s->number_count++], digits, sizeof digits);
            continue;
        }
        uint16_t *at, node = 0;
        for (const char *c = digits; *c; c++, node = *at)
            if (!*(at = &s->nodes[node].next[*c - '0'])) *at = (uint16_t)s->node_count++;
        s->nodes[node].target = (uint16_t)target;
    }
    fclose(file);
    return s;
}

static uint64_t c_segments(void *self)
{
    const struct segments *s = self;
    uint64_t sum = 0;
    for (int i = 0; i < 1000; i++) {
        unsigned best = 0, node = 0;
        for (const char *c = s->numbers[i % 16]; *c; c++) {
            node = s->nodes[node].next[*c - '0'];
            if (!node) break;
            if (s->nodes[node].target) best = s->nodes[node].target;
        }
        sum += best ? 10 + best : 9;
    }
    return sum;
}

static void measure(uint64_t (*thousand)(void *), void *self, unsigned count)
{
    uint64_t sum = thousand(self);
    double before = cpu_seconds();
    for (unsigned i = 0; i < count; i++) sum = thousand(self);
    printf("%.2f %llu\n", (cpu_seconds() - before) / count * 1e6, (unsigned long long)sum);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "Usage: small IMAGE NAME COUNT, small c NAME COUNT PREFIXES\n");
        return 2;
    }
    unsigned count = (unsigned)atoi(argv[3]);
    if (!strcmp(argv[1], "c")) {
        bool score = !strcmp(argv[2], "score");
        struct segments *segments = !score && argc > 4 ? read_segments(argv[4]) : NULL;
        measure(score ? c_score : c_segments, segments, count);
        free(segments);
        return 0;
    }
    FILE *file = fopen(argv[1], "rb");
    static unsigned char bytes[1 << 22];
    size_t length = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file) fclose(file);
    struct error error;
    struct image *image = image_load(bytes, length, &error);
    if (!image) {
        fprintf(stderr, "%s: %s\n", argv[1], error.text);
        return 1;
    }
    struct vm_host host = {0};
    struct machine m = {image, image_strategy_named(image, argv[2], (uint32_t)strlen(argv[2])), slab_new(16), NULL};
    assert(m.strategy);
    m.vm = vm_new(m.slab, &host);
    measure(our_thousand, &m, count);
    vm_free(m.vm);
    slab_free(m.slab);
    image_free(image);
    return 0;
}
