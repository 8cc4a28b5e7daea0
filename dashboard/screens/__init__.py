"""The scripts of the pages, one file each; `dashboard/app.py` lists them.

Not named ``pages``: Streamlit would serve the scripts of such a folder by itself, past the door that ``app.py`` keeps.
"""
