"""Settings of nbconvert. Deno 2.9 may send what a cell shows after it said that the cell is done, where nbclient hears it no more."""

from queue import Empty

from jupyter_client.utils import ensure_async
from nbclient.client import NotebookClient

SILENCE_SECONDS = 0.1
until_done = NotebookClient._async_poll_output_msg


async def until_silent(self, parent_msg_id, cell, cell_index):
    await until_done(self, parent_msg_id, cell, cell_index)
    while True:
        try:
            message = await ensure_async(self.kc.iopub_channel.get_msg(timeout=SILENCE_SECONDS))
        except Empty:
            return
        if message["parent_header"].get("msg_id") == parent_msg_id:
            self.process_message(message, cell, cell_index)


NotebookClient._async_poll_output_msg = until_silent
