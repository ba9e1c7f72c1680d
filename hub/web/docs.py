from flask import Blueprint

blueprint = Blueprint("docs", __name__)
