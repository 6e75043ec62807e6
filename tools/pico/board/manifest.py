# What is frozen into the firmware of every Pico, without the drivers of its parts.
freeze("$(PORT_DIR)/modules")  # noqa: F821
include("$(MPY_DIR)/extmod/asyncio")  # noqa: F821
