/* runtime/core/interactions/no_image.c - Writes an image with a single empty strategy, in the form that the compiler
 * writes.
 *
 * An interaction that no strategy has taken yet needs a block, and a block needs an image. This image has a strategy
 * whose only step is `stop`. The image is made when the core starts and never comes from outside, so a failure would be
 * an error of gcx (asserted). */
#include "runtime/core/interactions/no_image.h"

#include <assert.h>
#include <stdlib.h>

#include "vm/image.h"
#include "vm/steps.h"
#include "vm/image_writer.h"

struct image *no_image_new(void)
{
    struct image_writer *writer = image_writer_new();
    uint16_t strategy = writer_strategy(writer, "", MEDIUM_ALL, INT64_C(86400000000));
    uint16_t body = writer_function_begin(writer, "", FUNCTION_STRATEGY, strategy, 0, TYPE_VOID);
    uint16_t why = writer_constant_text(writer, "", 0);
    writer_wait_begin(writer, NULL);
    writer_wait_argument(writer, PARAMETER_stop_why, (uint16_t)(OPERAND_CONSTANT | why));
    writer_step(writer, STEP_ID_stop, REGISTER_NONE);
    writer_function_end(writer);
    writer_strategy_functions(writer, strategy, body, IMAGE_NONE, IMAGE_NONE);
    size_t length;
    struct error error = {0};
    void *bytes = image_writer_finish(writer, &length, &error);
    image_writer_free(writer);
    assert(bytes);
    struct image *image = image_load(bytes, length, &error);
    assert(image);
    free(bytes);
    return image;
}
