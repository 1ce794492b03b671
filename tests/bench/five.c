/* tests/bench/five.c - Strategies a second: five.gcx from start to end, its five waits answered at once, no core and no
 * journal.  Prints one line per run. Usage: five IMAGE RUNS COUNT [other|own]; a debugger has
 * another interaction, or this one with breakpoints that are never met. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vm/block.h"
#include "vm/exec.h"
#include "vm/image.h"
#include "vm/steps.h"

enum { ACCOUNTS = 4096 };

static char accounts[ACCOUNTS][12]; /* made before the clock runs, as the twin makes them */

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct image *load(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    static unsigned char bytes[1 << 20];
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    struct error error;
    struct image *image = image_load(bytes, length, &error);
    if (!image) {
        fprintf(stderr, "%s: %s\n", path, error.text);
        exit(1);
    }
    return image;
}

static uint64_t text(struct slab *slab, block_handle block, const char *bytes)
{
    uint64_t word = 0;
    bool made = block_make_text(slab, block, bytes, (uint32_t)strlen(bytes), &word);
    assert(made);
    return word;
}

/* One interaction; true where it ended routed. */
static bool run_one(struct vm *vm, struct slab *slab, const struct image *image, const struct image_strategy *strategy,
                    unsigned i)
{
    static const char *const segments[] = {"gold", "silver", "basic"}, *const languages[] = {"fr", "en", "de", "nl"};
    block_handle block = block_new(slab, image, strategy);
    struct vm_result result = vm_start(vm, block);
    bool routed = false;
    while (result.status == VM_WAIT) {
        uint64_t word = 0;
        switch (result.step) {
        case STEP_ID_ivr_digits:
            word = text(slab, block, accounts[i % ACCOUNTS]);
            break;
        case STEP_ID_ivr_menu: {
            uint64_t keys;
            uint16_t type;
            bool given = vm_arg(slab, block_at(slab, block), 0, PARAMETER_ivr_menu_keys, &keys, &type) &&
                         block_map_find(image, block_at(slab, block), keys, "2", 1, &word);
            assert(given);
            break;
        }
        case STEP_ID_query_first: {
            uint16_t type = vm_result_type(slab, block_at(slab, block), 0);
            uint64_t fields[2] = {text(slab, block, segments[i % 3]), text(slab, block, languages[i % 4])};
            bool made = block_make_record(slab, block, (uint16_t)(type & ~TYPE_OPTIONAL), fields, 2, &word);
            assert(made);
            break;
        }
        case STEP_ID_select:
            word = 17;
            break;
        case STEP_ID_route:
            routed = true;
            break;
        default:
            assert(!"a step that five.gcx does not have");
        }
        result = vm_resume(vm, block, 0, word);
    }
    assert(result.status == VM_ENDED);
    block_free(slab, block);
    return routed;
}

static bool yes(void *self, block_handle block)
{
    (void)self, (void)block;
    return true;
}

static bool no_block(void *self, block_handle block)
{
    (void)self, (void)block;
    return false;
}

/* As the core looks for a place among a hundred. */
static bool nowhere(void *self, block_handle block, uint8_t fiber, uint32_t depth, uint32_t function, uint32_t pc)
{
    uint32_t place = function << 16 | pc, low = 0, high = 100;
    (void)self, (void)block, (void)fiber, (void)depth;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (middle * 4096 + 4095 < place)
            low = middle + 1;
        else
            high = middle;
    }
    return place == UINT32_MAX;
}

int main(int argc, char **argv)
{
    const char *debugged = argc == 5 ? argv[4] : NULL;
    if (argc != 4 && argc != 5) {
        fprintf(stderr, "Usage: five IMAGE RUNS COUNT [other|own]\n");
        return 2;
    }
    struct image *image = load(argv[1]);
    const struct image_strategy *strategy = image_strategy_named(image, "five", 4);
    assert(strategy);
    unsigned runs = (unsigned)atoi(argv[2]), count = (unsigned)atoi(argv[3]);
    for (unsigned i = 0; i < ACCOUNTS; i++) snprintf(accounts[i], sizeof accounts[i], "%010u", i);
    struct slab *slab = slab_new(16);
    struct vm_host host = {0};
    struct vm *vm = vm_new(slab, &host);
    const struct vm_stops stops = {NULL, debugged && strcmp(debugged, "own") == 0 ? yes : no_block, nowhere};
    if (debugged) vm_stopped_by(vm, &stops);
    for (unsigned r = 0; r <= runs; r++) { /* the first is to warm up */
        double before = cpu_seconds();
        unsigned routed = 0;
        for (unsigned i = 1; i <= count; i++) routed += run_one(vm, slab, image, strategy, i);
        assert(routed == count);
        if (r) printf("%.0f\n", count / (cpu_seconds() - before));
    }
    vm_free(vm);
    slab_free(slab);
    image_free(image);
    return 0;
}
