/* tests/unit/disk_power.h - A loss of power: of a folder's files, what no sync has brought to the disk is lost.
 *
 * Bytes of a file are durable as they were at its last fsync, fdatasync or msync, names as they were at the last fsync
 * of their folder. disk_faults.c tells of those, and ends the process at the call that is chosen. */
#pragma once

/* Of what is not durable, all is lost, or names alone have reached the disk, or bytes alone. */
enum disk_loss { DISK_LOSES_ALL, DISK_HAS_NAMES, DISK_HAS_BYTES, DISK_LOSSES };

/* From now on, here and in processes that are forked. All that is in the folder is durable. */
void disk_power_on(const char *folder);
/* Nothing is noted any more, and the folder is what the disk has. */
void disk_power_off(enum disk_loss);

/* For disk_faults.c. */
void disk_power_synced(int fd);
void disk_power_msynced(const void *at);
void disk_power_unlinks(const char *path);
