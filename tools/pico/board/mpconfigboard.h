#define MICROPY_HW_BOARD_NAME "Emulated Raspberry Pi Pico"

// The file system is 192 KiB smaller than that of a Pico, which has no ROMFS.
// image.py has the same sizes.
#define MICROPY_HW_FLASH_STORAGE_BYTES (1216 * 1024)
#define MICROPY_HW_ROMFS_BYTES (192 * 1024)
#define MICROPY_VFS_ROM_IOCTL (1)

// The REPL is on UART0: the emulator has no USB host.
#define MICROPY_HW_ENABLE_UART_REPL (1)
#define MICROPY_HW_ENABLE_USBDEV (0)

// A Pico has no network of its own, and gets `tls` for that of a modem.
#define MICROPY_PY_SSL (1)
#define MICROPY_PY_SSL_FINALISER (1)
