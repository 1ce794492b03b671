/* vm/verify.h - The functions that the files of the verifier share. */
#pragma once

#include "vm/instruction.h"

struct verify {
    const struct image *image;
    struct error *error;
    uint32_t *starts;     /* the image's */
    uint16_t *data_types; /* the image's */
    uint16_t *exits;      /* by function: how many exits its code uses */
    uint8_t *depths;      /* by function: frames below, itself included */
    bool *changes;        /* by function: it or what it calls writes, draws or counts */
    bool *walks;          /* by function: it or what it calls begins to walk through a table */
    uint8_t *tables_used; /* by table */
    uint32_t *widths;     /* by type: words of a record whose records are all zero */
};

/* Sets the error: the place in the file and the rule that is broken; returns false. verify_refuse_of() adds what breaks
 * it. */
bool verify_refuse(struct verify *, const void *at, enum image_rule);
bool verify_refuse_of(struct verify *, const void *at, enum image_rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

bool verify_is_zone(const struct verify *, uint32_t table); /* only for tables that were verified */
uint16_t verify_register(const struct verify *, const struct image_function *, uint32_t reg); /* TYPE_VOID: no such */
/* The type of a slot of a function, or TYPE_VOID. */
uint16_t verify_slot(const struct verify *, const struct image_function *, uint32_t slot);
bool verify_is_parameter(const struct verify *, const struct image_function *, uint32_t slot); /* the slot exists */
bool verify_code(struct verify *, uint32_t function);
bool verify_tables(struct verify *);
bool verify_waits(struct verify *);
