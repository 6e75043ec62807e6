# What is frozen into the firmware of every Pico, without the drivers of its parts.
freeze("$(PORT_DIR)/modules")
include("$(MPY_DIR)/extmod/asyncio")
