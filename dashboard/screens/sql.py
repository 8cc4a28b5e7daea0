"""SQL: any question to the lake, with its answer as a table and a chart, to be saved, shared and watched."""

import streamlit as st

from dashboard import sql_sections
from scalix.errors import StoreError

st.title("SQL")
try:
    views = sql_sections.schema()
except StoreError as error:
    st.error("Nothing can be asked until it is back.", title="The lake is not available")
    st.text(str(error))
    st.stop()

sql_sections.show_freshness()
with st.sidebar:
    sql_sections.browse(views)
asked = sql_sections.editor()
if asked.sql.strip():
    sql_sections.answer(asked)
else:
    sql_sections.show_welcome()
