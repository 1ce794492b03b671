/* tests/fuzz/fuzz_scenario.c - Any bytes as the tests of an image, which may come from anywhere: refused with a reason,
 * or played to their end under the virtual clock. An input that is JSON is a scenario as unit tests write them. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/compilation.h"
#include "tests/unit/sim_played.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/scenario_json.h"
#include "vm/image_data.h"

enum { CALLS_MAX = 50, TESTS_MAX = 4 };

static uint8_t *enterprise; /* its image, without tests */
static size_t enterprise_length;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    char *path = fuzz_path("strategies/enterprise/enterprise.gcx");
    const char *file = path;
    const struct compile_options how = {0};
    struct compilation *compilation = compiler_compile(&file, 1, &how);
    const uint8_t *bytes = compilation_image(compilation, &enterprise_length);
    MUST(bytes != NULL);
    enterprise_length = ((const struct image_header *)(const void *)bytes)->section[SECTION_SCENARIO].offset;
    enterprise = malloc(enterprise_length);
    if (!enterprise) abort();
    memcpy(enterprise, bytes, enterprise_length);
    compilation_free(compilation);
    free(path);
    return 0;
}

/* Sizes for which a minute is enough; larger ones are slow, not wrong. */
static bool is_small(const struct scenario *scenario)
{
    uint64_t calls = 0;
    for (size_t t = 0; t < scenario->count; t++)
        for (size_t i = 0; i < scenario->tests[t].count; i++)
            if (scenario->tests[t].items[i].kind == ITEM_ARRIVE) calls += scenario->tests[t].items[i].arrival.times;
    return scenario->count <= TESTS_MAX && calls <= CALLS_MAX;
}

static void on_failure(void *self, const char *file, uint32_t line, const char *text)
{
    (void)self, (void)line;
    MUST(file && text[0] != 0);
}

static void on_result(void *self, const struct sim_result *result)
{
    (void)self;
    MUST(result->name != NULL);
}

static void play(const uint8_t *bytes, size_t length)
{
    const struct sim_options options = {.seed = 1, .verbose = true};
    const struct sim_report report = {.failure = on_failure, .result = on_result};
    struct sim_totals totals;
    struct error error;
    size_t whole = (enterprise_length + length + 7) & ~(size_t)7;
    uint8_t *file = calloc(1, whole);
    if (!file) abort();
    memcpy(file, enterprise, enterprise_length);
    if (length) memcpy(file + enterprise_length, bytes, length);
    struct image_header *header = (struct image_header *)(void *)file;
    header->size = (uint32_t)whole;
    header->section[SECTION_SCENARIO].length = (uint32_t)length;
    image_hash_apart(file, SECTION_SCENARIO, header->scenario_hash);
    if (!sim_play_tests(file, whole, &options, &report, &totals, &error)) MUST(error.text[0] != 0);
    free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct error error;
    json_t *root = length > 0 && bytes[0] == '{' ? json_loadb((const char *)bytes, length, 0, NULL) : NULL;
    struct scenario_section section = section_of_json(root);
    if (root) bytes = section.bytes, length = section.length;
    struct scenario *scenario = scenario_read(bytes, length, &error);
    bool plays = !scenario || is_small(scenario);
    if (!scenario) MUST(error.text[0] != 0);
    scenario_free(scenario);
    if (plays) play(bytes, length);
    free(section.bytes);
    json_decref(root);
    return 0;
}

/* One time of 16 the bytes themselves are changed, else what they say. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t room, unsigned seed_given)
{
    struct error error;
    uint32_t seed = seed_given;
    struct scenario *scenario = fuzz_random(&seed, 16) ? scenario_read(bytes, length, &error) : NULL;
    if (!scenario) return LLVMFuzzerMutate(bytes, length, room);
    json_t *root = json_of_scenario(scenario);
    for (uint32_t changes = 1 + fuzz_random(&seed, 3); changes > 0; changes--) fuzz_json(root, &seed);
    struct scenario_section section = section_of_json(root);
    bool fits = section.length > 0 && section.length <= room;
    size_t made = section.length;
    if (fits) memcpy(bytes, section.bytes, section.length);
    free(section.bytes);
    json_decref(root);
    scenario_free(scenario);
    return fits ? made : LLVMFuzzerMutate(bytes, length < room ? length : room, room);
}
