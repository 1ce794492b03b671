/* compiler/lower/emit.h - Writes lines of instructions into an image: the only file of the compiler that knows the
 * format. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct ir_function;
struct ir_program;

/* Returns the image's bytes, malloc'ed; NULL, with the error, where a limit of the format is exceeded. `tests`: the
 * bytes of the scenario section, or NULL. `bare`: the image has no places and no names of variables. `with`: the
 * function that exceeds the limit, or NULL where no single function does. */
uint8_t *emit_image(struct ir_program *, const char *tests, size_t tests_length, bool bare, size_t *length,
                    const struct ir_function **with, struct error *);

/* Would emit_image() succeed? If not, sets the same error as emit_image(). */
bool emit_fits(struct ir_program *, const char *tests, size_t tests_length, bool bare, const struct ir_function **with,
               struct error *);

/* Would the VM load these bytes? If not, the error has the reason. */
bool emit_verify(const uint8_t *bytes, size_t length, struct error *);
