# A Raspberry Pi Pico as tools/pico/emulator.mjs has it.
set(PICO_BOARD "pico")
set(PICO_PLATFORM "rp2040")
if(NOT MICROPY_FROZEN_MANIFEST)
    set(MICROPY_FROZEN_MANIFEST ${MICROPY_BOARD_DIR}/manifest.py)
endif()
# Debian's compiler has no C++ library, which only the SDK's operators new and delete want.
add_compile_definitions($<$<COMPILE_LANGUAGE:CXX>:PICO_CXX_DISABLE_ALLOCATION_OVERRIDES=1>)
list(APPEND MICROPY_SOURCE_BOARD ${MICROPY_BOARD_DIR}/stdio.c)
add_link_options(-Wl,--wrap=mp_hal_stdio_poll)
