rotation_json() { echo null; }
notice_json() { echo null; }
rotation_words() { :; }
