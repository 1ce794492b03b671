/* vm/verify.h - The functions shared by the files of the verifier. */
#pragma once

#include "vm/instruction.h"

struct verify {
    const struct image *image;
    struct error *error;
    uint32_t *starts;     /* the image's */
    uint16_t *data_types; /* the image's */
    uint16_t *exits;      /* per function: how many exits its code uses */
    uint8_t *depths;      /* per function: greatest depth of its frames, including its own */
    bool *changes;        /* per function: the function, or one that it calls, writes, draws or counts */
    bool *walks;          /* per function: the function, or one that it calls, begins a loop over a table */
    uint8_t *tables_used; /* by table */
    uint32_t *widths;     /* per type: words of a record all of whose inner records are zero */
};

/* Sets the error, with the offset in the file and the broken rule; returns false. verify_refuse_of() adds the name
 * of what breaks it. */
bool verify_refuse(struct verify *, const void *at, enum image_rule);
bool verify_refuse_of(struct verify *, const void *at, enum image_rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

bool verify_text(struct verify *, const struct image_text *); /* is it a place of SECTION_STRINGS? */
bool verify_is_zone(const struct verify *, uint32_t table); /* is it a zone's table? only for tables already verified */
uint16_t verify_register(const struct verify *, const struct image_function *, uint32_t reg); /* TYPE_VOID: no such */
/* Returns the type of a slot in a function, or TYPE_VOID. */
uint16_t verify_slot(const struct verify *, const struct image_function *, uint32_t slot);
bool verify_is_parameter(const struct verify *, const struct image_function *, uint32_t slot); /* the slot exists */
bool verify_code(struct verify *, uint32_t function);
bool verify_tables(struct verify *);
bool verify_waits(struct verify *);
