/* runtime/core/read/condition.h - A number for what a function of an image computes. It does not depend on the rows of
 * the image: two versions that say the same have the same number, and two that do not hardly ever. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct image;

/* Numbers are made by adding one thing after another. */
#define CONDITION_BEGIN UINT32_C(2166136261)
uint32_t condition_add(uint32_t number, const void *bytes, size_t length);
/* Adds operations, constants and names of the function and of those that it calls. */
uint32_t condition_number(const struct image *, uint16_t function);
