/* tests/bench/load.c - The time in which an image is read, verified and made ready, by its size: of functions that
 * compute, branch, call the one before and have a text of their own. Prints, per size: bytes, microseconds (the best of
 * several), megabytes a second. Usage: load BYTES... */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vm/image.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

enum { BYTES_PER_ROUND = 5 * 4, BYTES_BESIDE = 160, BYTES_APART = 512, CALLED = 4, BEST_OF = 5 };
enum { ROUNDS = 200, ROUNDS_SMALL = 10, SMALL_BYTES = 8192 }; /* per function; of images that are small */

static uint16_t load_function(struct image_writer *w, uint32_t number, uint16_t called, unsigned rounds)
{
    char text[40];
    snprintf(text, sizeof text, "the text of function number %u", (unsigned)number);
    uint16_t function = writer_function_begin(w, text, FUNCTION_PLAIN, IMAGE_NONE, 1, TYPE_INT);
    uint8_t given = writer_register(w, TYPE_INT), sum = writer_register(w, TYPE_INT),
            own = writer_register(w, TYPE_STR);
    uint32_t over = writer_label(w);
    writer_abx(w, OP_LOAD, own, writer_constant_text(w, text, (uint32_t)strlen(text)));
    for (unsigned round = 0; round < rounds; round++) {
        writer_abc(w, OP_ADD, sum, sum, given);
        writer_abc(w, OP_ADD_I, sum, sum, round % 100);
        writer_jump(w, OP_JLT, sum, given, over);
        writer_abc(w, OP_MOVE, given, sum, 0);
    }
    writer_place(w, over);
    if (called != IMAGE_NONE) writer_call(w, called, sum, given);
    writer_abc(w, OP_RETURN, sum, 0, 0);
    writer_function_end(w);
    return function;
}

/* An image of about so many bytes, malloc'ed. */
static void *load_image(size_t bytes, size_t *length)
{
    struct image_writer *w = image_writer_new();
    struct error error = {0};
    uint16_t strategy = writer_strategy(w, "loaded", 0, 0), function = IMAGE_NONE;
    unsigned rounds = bytes < SMALL_BYTES ? ROUNDS_SMALL : ROUNDS;
    size_t each = rounds * BYTES_PER_ROUND + BYTES_BESIDE;
    for (uint32_t number = 0; number * each + BYTES_APART < bytes; number++)
        function = load_function(w, number, number % CALLED == 0 ? (uint16_t)IMAGE_NONE : function, rounds);
    uint16_t body = writer_function_begin(w, "loaded", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    writer_wait_begin(w, NULL);
    writer_wait_argument(w, PARAMETER_stop_why, (uint16_t)(OPERAND_CONSTANT | writer_constant_text(w, "over", 4)));
    writer_step(w, STEP_ID_stop, REGISTER_NONE);
    writer_function_end(w);
    writer_strategy_functions(w, strategy, body, IMAGE_NONE, IMAGE_NONE);
    void *image = image_writer_finish(w, length, &error);
    if (!image) fprintf(stderr, "load: %s\n", error.text);
    image_writer_free(w);
    return image;
}

static double load_cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("Usage: load BYTES...\n", stderr);
        return 2;
    }
    for (int at = 1; at < argc; at++) {
        size_t length;
        void *bytes = load_image(strtoul(argv[at], NULL, 10), &length);
        double best_us = 0;
        if (!bytes) return 1;
        for (unsigned round = 0; round < BEST_OF; round++) {
            struct error error = {0};
            double began_us = load_cpu_us();
            struct image *image = image_load(bytes, length, &error);
            double us = load_cpu_us() - began_us;
            if (!image) {
                fprintf(stderr, "load: %s at %u\n", error.text, (unsigned)error.offset);
                return 1;
            }
            image_free(image);
            if (round == 0 || us < best_us) best_us = us;
        }
        printf("%zu %.0f %.0f\n", length, best_us, (double)length / best_us);
        free(bytes);
    }
    return 0;
}
