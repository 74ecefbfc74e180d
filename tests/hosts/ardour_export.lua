-- Switches Capture on and exports the session that ardour_make.lua made and ardour_capture.py put audio into.
-- Environment: SESSION, RATE.
io.stdout:setvbuf("no")
local backend = AudioEngine:set_backend("None (Dummy)", "", "")
backend:set_sample_rate(tonumber(os.getenv("RATE")))
backend:set_buffer_size(1024)
local session = assert(load_session(os.getenv("SESSION"), "capture"))
ARDOUR.LuaAPI.usleep(700 * 1000) -- Ardour's own threads connect the ports meanwhile

local processor = session:master_out():nth_plugin(0)
assert(not processor:isnil(), "the plugin is not on the master bus")
assert(ARDOUR.LuaAPI.set_processor_param(processor, 0, 1), "Capture cannot be set")

local export = session:simple_export()
-- Ardour's own preset for 32-bit float WAV files at the session's rate.
assert(export:set_preset(os.getenv("PRESET")), "no such preset")
export:set_name("mix")
export:set_folder("export")
export:set_range(session:current_start_sample(), session:current_end_sample())
assert(export:check_outputs(), "nothing can be exported")
assert(export:run_export(), "the export failed")

assert(ARDOUR.LuaAPI.set_processor_param(processor, 0, 0), "Capture cannot be set")
processor = nil
collectgarbage()
close_session()
print("exported")
